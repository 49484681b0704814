# The command line of AWS: `aws s3` and `aws s3api`, from the first bucket to the last.
# needs: aws
# frontends: deltacloud,s3
set -x
export AWS_ACCESS_KEY_ID="$USER_NAME" AWS_SECRET_ACCESS_KEY="$PASSWORD" AWS_DEFAULT_REGION=us-east-1
s3() { aws --endpoint-url "$SERVER/s3" s3 "$@"; }
api() { aws --endpoint-url "$SERVER/s3" --output text s3api "$@"; }
has() { case "$1" in *"$2"*) ;; *) echo "'$2' isn't in: $1"; exit 1 ;; esac; }
refused() { code="$1"; shift; if out=$("$@" 2>&1); then echo "not refused"; exit 1; fi; has "$out" "$code"; }

s3 mb s3://session
has "$(s3 ls)" session
echo hello > hello.txt
s3 cp hello.txt s3://session/docs/hello.txt --metadata 'colour=blue'
has "$(s3 ls s3://session/)" 'PRE docs/'
has "$(s3 ls s3://session/docs/)" hello.txt
has "$(s3 cp s3://session/docs/hello.txt -)" hello
has "$(api head-object --bucket session --key docs/hello.txt --query Metadata.colour)" blue
has "$(api head-object --bucket session --key docs/hello.txt --query ETag)" b1946ac92492d2347c6235b4d2611184

# In parts, since it's larger than 8 MiB.
head -c 20000000 /dev/urandom > big
s3 cp big s3://session/big
s3 cp s3://session/big back && cmp big back
has "$(api head-object --bucket session --key big --query ETag)" -3
api get-object --bucket session --key big --range bytes=10-19 part > /dev/null
head -c 20 big | tail -c 10 | cmp - part
refused InvalidRange api get-object --bucket session --key big --range bytes=30000000- part

s3 cp s3://session/docs/hello.txt s3://session/copy.txt
has "$(api head-object --bucket session --key copy.txt --query Metadata.colour)" blue
s3 mv s3://session/copy.txt s3://session/moved.txt
refused 404 api head-object --bucket session --key copy.txt
mkdir tree && for n in 1 2 3; do echo $n > "tree/file $n"; done
s3 sync tree s3://session/tree && s3 sync s3://session/tree again && diff -r tree again
has "$(api list-objects-v2 --bucket session --prefix tree/ --max-items 2 --page-size 1 --query 'Contents[].Key')" 'file 2'
refused PreconditionFailed api put-object --bucket session --key big --if-none-match '*' --body hello.txt
refused NoSuchKey api get-object --bucket session --key nothing x
refused NoSuchBucket api list-objects --bucket nowhere
has "$(api get-bucket-location --bucket session)" None
api put-bucket-tagging --bucket session --tagging 'TagSet=[{Key=a,Value=b}]'
has "$(api get-bucket-tagging --bucket session)" b
has "$(api get-bucket-acl --bucket session --query 'Grants[0].Permission')" FULL_CONTROL
url=$(s3 presign s3://session/docs/hello.txt --expires-in 60)
has "$(curl -sf "$url")" hello
refused SignatureDoesNotMatch env AWS_SECRET_ACCESS_KEY=wrong aws --endpoint-url "$SERVER/s3" s3 ls
# The same without a path of its own: the signature says whose request it is.
has "$(aws --endpoint-url "$SERVER" s3 ls s3://session/docs/)" hello.txt

refused BucketNotEmpty s3 rb s3://session
s3 rb --force s3://session
refused NoSuchBucket s3 ls s3://session
