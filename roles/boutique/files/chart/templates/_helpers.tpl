{{- /*
Copyright (c) 2026, multicluster.interconnect contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{- /* Labels of all objects of a part. Context: root ($), name. Skupper and Services select by `app`. */ -}}
{{- define "boutique.labels" -}}
app: {{ .name }}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
{{- end -}}

{{- /* The image of a part. Context: root ($), name, part. */ -}}
{{- define "boutique.image" -}}
{{- $global := .root.Values.global -}}
{{- .part.image | default (printf "%s/%s:%s" $global.repository .name ($global.tag | default .root.Chart.AppVersion)) -}}
{{- end -}}

{{- /* What the port of a part's Service is called. Context: the part. */ -}}
{{- define "boutique.portName" -}}
{{- get (dict "grpc" "grpc" "http" "http") (dig "probe" "kind" "" .) | default "tcp" -}}
{{- end -}}

{{- /* How a probe asks, and when. Context: part, cookie (so that a look at the frontend begins no session). */ -}}
{{- define "boutique.probe" -}}
{{- $port := .part.targetPort | default .part.port -}}
{{- with .part.probe -}}
{{- if eq .kind "grpc" -}}
grpc:
  port: {{ $port }}
{{- else if eq .kind "http" -}}
httpGet:
  path: {{ .path | default "/" | quote }}
  port: {{ $port }}
  httpHeaders:
    - name: Cookie
      value: shop_session-id=x-{{ $.cookie }}-probe
{{- else -}}
tcpSocket:
  port: {{ $port }}
{{- end }}
{{- with .initialDelaySeconds }}
initialDelaySeconds: {{ . }}
{{- end }}
{{- with .periodSeconds }}
periodSeconds: {{ . }}
{{- end }}
{{- end -}}
{{- end -}}
