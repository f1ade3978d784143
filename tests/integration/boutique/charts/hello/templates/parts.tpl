{{- range $name, $replicas := .Values.parts }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
data:
  greeting: {{ $.Values.greeting | quote }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
spec:
  replicas: {{ $replicas }}
  selector:
    matchLabels: {app: {{ $name }}}
  template:
    metadata:
      labels: {app: {{ $name }}}
    spec:
      containers:
        - name: hello
          image: {{ $.Values.image }}
          envFrom:
            - configMapRef: {name: {{ $name }}}
{{- end }}
