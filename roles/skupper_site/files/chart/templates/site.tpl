{{- /*
Copyright (c) 2026, multicluster.interconnect contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later

What the module skupper_site writes. By its label it knows the site for one that it may change and remove.
*/ -}}
{{- if eq .Values.version "v2" }}
apiVersion: skupper.io/v2alpha1
kind: Site
metadata:
  name: {{ required "name: a site has one" .Values.name }}
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/managed-by: multicluster.interconnect
spec:
  {{- toYaml .Values.spec | nindent 2 }}
{{- else }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: skupper-site
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/managed-by: multicluster.interconnect
  annotations:
    # Skupper hands the others down to what it makes from this. What bears these is taken for ours, or for Argo CD's.
    skupper.io/exclude-labels: app.kubernetes.io/managed-by,app.kubernetes.io/instance
    skupper.io/exclude-annotations: >-
      skupper.io/exclude-labels,skupper.io/exclude-annotations,argocd.argoproj.io/tracking-id
data:
  {{- toYaml .Values.data | nindent 2 }}
{{- end }}
