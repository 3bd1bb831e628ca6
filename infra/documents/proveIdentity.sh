# Waits up to 45 s until IMDSv2 names the role and its credentials are good. Never prints a credential.
role='{{ roleName }}'
imds=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
imds=${imds%/}

# request METHOD PATH HEADER: prints the body of a 200, else fails
if command -v curl >/dev/null 2>&1; then
  request() {
    curl --silent --fail --noproxy '*' --max-time 2 --request "$1" --header "$3" "$imds$2"
  }
else
  request() {
    bash -s "$imds" "$@" <<'BASH'
      address=${1#http://} host=${address%%:*} port=${address#"$host"} port=${port#:}
      exec 3<>"/dev/tcp/$host/${port:-80}" || exit 1
      printf '%s %s HTTP/1.0\r\nHost: %s\r\nContent-Length: 0\r\n%s\r\n\r\n' "$2" "$3" "$address" "$4" >&3
      IFS= read -r -t 2 line <&3 && case $line in *' 200 '*) ;; *) exit 1 ;; esac
      while IFS= read -r -t 2 line <&3 && [ "$line" != $'\r' ]; do :; done
      while IFS= read -r -t 2 line <&3 || [ -n "$line" ]; do printf '%s\n' "$line"; done
BASH
  }
fi

deadline=$(($(date +%s) + 45))
while :; do
  seen='' code=''
  if token=$(request PUT /latest/api/token 'X-aws-ec2-metadata-token-ttl-seconds: 60' 2>/dev/null); then
    header="X-aws-ec2-metadata-token: $token"
    seen=$(request GET /latest/meta-data/iam/security-credentials/ "$header" 2>/dev/null)
  fi
  if [ "$seen" = "$role" ]; then
    code=$(request GET "/latest/meta-data/iam/security-credentials/$role" "$header" 2>/dev/null |
      sed -n 's/.*"Code"[[:space:]]*:[[:space:]]*"\([A-Za-z]*\)".*/\1/p')
    if [ "$code" = Success ]; then
      echo "$role"
      exit 0
    fi
  fi
  [ "$(date +%s)" -lt "$deadline" ] || break
  sleep 1
done
echo "expected the role $role; the metadata service names '$seen' and answers '$code'" >&2
exit 1
