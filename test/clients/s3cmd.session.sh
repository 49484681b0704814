# s3cmd, which knows of no path before a bucket's: it asks at the root, with both signatures.
# needs: s3cmd
# frontends: deltacloud,s3
set -x
host="${SERVER#http://}"
has() { case "$1" in *"$2"*) ;; *) echo "'$2' isn't in: $1"; exit 1 ;; esac; }
echo hello > hello.txt
head -c 20000000 /dev/urandom > big
for signature in '' --signature-v2; do
  s3() { s3cmd --no-ssl --host="$host" --host-bucket="$host" --access_key="$USER_NAME" --secret_key="$PASSWORD" $signature "$@"; }
  s3 mb s3://cmd
  has "$(s3 ls)" s3://cmd
  s3 put hello.txt s3://cmd/docs/hello.txt --add-header=x-amz-meta-colour:blue
  has "$(s3 ls s3://cmd/)" docs/
  has "$(s3 info s3://cmd/docs/hello.txt)" blue
  s3 get --force s3://cmd/docs/hello.txt back.txt && cmp hello.txt back.txt
  s3 put --multipart-chunk-size-mb=5 big s3://cmd/big
  s3 get --force s3://cmd/big back && cmp big back
  s3 cp s3://cmd/docs/hello.txt s3://cmd/copy.txt
  s3 mv s3://cmd/copy.txt s3://cmd/moved.txt
  has "$(s3 du s3://cmd)" 3
  s3 del --recursive --force s3://cmd
  s3 rb s3://cmd
done
