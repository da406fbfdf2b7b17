#!/bin/sh
# imgsizes_url <base URL> <secret> <source> <transform> <format>
imgsizes_url() {
  signature=$(printf '%s/%s' "$3" "$4" | openssl dgst -sha256 -hmac "$2" -binary | openssl base64 -A | tr '+/' '-_' | cut -c1-16)
  path=$(printf '%s/%s.%s.%s' "$3" "$4" "$signature" "$5" | LC_ALL=C od -An -v -tu1 | LC_ALL=C awk '
    { for (i = 1; i <= NF; i++) {
        c = sprintf("%c", $i + 0)
        printf "%s", ($i < 128 && c ~ /[A-Za-z0-9._~\/-]/) ? c : sprintf("%%%02X", $i)
    } }')
  printf '%s%s\n' "$1" "$path"
}
