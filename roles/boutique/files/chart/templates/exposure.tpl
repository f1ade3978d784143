{{- /*
Copyright (c) 2026, multicluster.interconnect contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{- range $name, $part := .Values.services }}
{{- $route := $part.route | default dict }}
{{- $ingress := $part.ingress | default dict }}
{{- if and $part.enabled (or $route.enabled $ingress.enabled) (not $part.service) }}
{{- fail (printf "services.%s: route and ingress lead to its Service: set service: true" $name) }}
{{- end }}
{{- if and $part.enabled $route.enabled }}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata:
  name: {{ $name }}
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- include "boutique.labels" (dict "root" $ "name" $name) | nindent 4 }}
  {{- with $route.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with $route.host }}
  host: {{ . | quote }}
  {{- end }}
  to:
    kind: Service
    name: {{ $name }}
    weight: 100
  port:
    targetPort: {{ include "boutique.portName" $part }}
  tls:
    termination: edge
    insecureEdgeTerminationPolicy: Redirect
  wildcardPolicy: None
{{- end }}
{{- if and $part.enabled $ingress.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $name }}
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- include "boutique.labels" (dict "root" $ "name" $name) | nindent 4 }}
  {{- with $ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with $ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with $ingress.tlsSecret }}
  tls:
    - secretName: {{ . }}
      {{- with $ingress.host }}
      hosts: [{{ . | quote }}]
      {{- end }}
  {{- end }}
  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ $name }}
                port:
                  number: {{ $part.port }}
      {{- with $ingress.host }}
      host: {{ . | quote }}
      {{- end }}
{{- end }}
{{- end }}
