{{- /*
Copyright (c) 2026, multicluster.interconnect contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{- range $name, $part := .Values.services }}
{{- if $part.enabled }}
{{- $context := dict "root" $ "name" $name "part" $part }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- include "boutique.labels" $context | nindent 4 }}
spec:
  replicas: {{ $part.replicas }}
  selector:
    matchLabels:
      app: {{ $name }}
  template:
    metadata:
      labels:
        app: {{ $name }}
        app.kubernetes.io/name: {{ $name }}
        app.kubernetes.io/part-of: {{ $.Chart.Name }}
      {{- with $part.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: false
      {{- /* Else each Service of the namespace would add variables, of which some have names that parts read. */}}
      enableServiceLinks: false
      terminationGracePeriodSeconds: 5
      {{- with $.Values.global.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
        {{- if not $.Values.global.openshift }}
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
        {{- end }}
      {{- if gt (int $part.replicas) 1 }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app: {{ $name }}
      {{- end }}
      {{- with $part.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $part.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: server
          image: {{ include "boutique.image" $context | quote }}
          imagePullPolicy: {{ $.Values.global.imagePullPolicy }}
          securityContext:
            allowPrivilegeEscalation: false
            privileged: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          {{- if $part.port }}
          ports:
            - name: main
              containerPort: {{ $part.targetPort | default $part.port }}
          {{- end }}
          {{- if or $part.port $part.consumes $part.env }}
          env:
            {{- if $part.port }}
            - name: PORT
              value: {{ $part.targetPort | default $part.port | toString | quote }}
            {{- end }}
            {{- range $variable, $value := merge (dict) ($part.consumes | default dict) ($part.env | default dict) }}
            - name: {{ $variable }}
              value: {{ $value | toString | quote }}
            {{- end }}
          {{- end }}
          {{- with $part.probe }}
          readinessProbe:
            {{- include "boutique.probe" (dict "part" $part "cookie" "readiness") | nindent 12 }}
          livenessProbe:
            {{- include "boutique.probe" (dict "part" $part "cookie" "liveness") | nindent 12 }}
          {{- end }}
          resources:
            {{- toYaml $part.resources | nindent 12 }}
          {{- with $part.scratch }}
          volumeMounts:
            {{- range $volume, $path := . }}
            - name: {{ $volume }}
              mountPath: {{ $path | quote }}
            {{- end }}
          {{- end }}
      {{- with $part.scratch }}
      volumes:
        {{- range $volume, $_ := . }}
        - name: {{ $volume }}
          emptyDir: {}
        {{- end }}
      {{- end }}
{{- end }}
{{- end }}
