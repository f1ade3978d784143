{{- /*
Copyright (c) 2026, multicluster.interconnect contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{- range $name, $part := .Values.services }}
{{- if and $part.enabled $part.service }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- include "boutique.labels" (dict "root" $ "name" $name) | nindent 4 }}
spec:
  type: {{ $part.serviceType | default "ClusterIP" }}
  selector:
    app: {{ $name }}
  ports:
    - name: {{ include "boutique.portName" $part }}
      port: {{ required (printf "services.%s: a part without port has no Service" $name) $part.port }}
      targetPort: main
{{- end }}
{{- end }}
