# The command line of AWS: `aws ec2`, from the first image to the end of an instance.
# needs: aws
# frontends: deltacloud,ec2
# provider: ec2
# time-scale: 60
set -x
export AWS_ACCESS_KEY_ID="$USER_NAME" AWS_SECRET_ACCESS_KEY="$PASSWORD" AWS_DEFAULT_REGION=us-east-1
ec2() { aws --endpoint-url "$SERVER" --output text ec2 "$@"; }
has() { case "$1" in *"$2"*) ;; *) echo "'$2' isn't in: $1"; exit 1 ;; esac; }
refused() { code="$1"; shift; if out=$("$@" 2>&1); then echo "not refused"; exit 1; fi; has "$out" "$code"; }

has "$(ec2 describe-availability-zones)" us-east-1b
image=$(ec2 describe-images --owners amazon --filters 'Name=architecture,Values=x86_64' --query 'Images[0].ImageId')
has "$(ec2 create-key-pair --key-name k --query KeyMaterial)" 'PRIVATE KEY'
group=$(ec2 create-security-group --group-name web --description 'web servers' --query GroupId)
ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 80 --cidr 0.0.0.0/0
has "$(ec2 describe-security-groups --group-ids "$group")" 0.0.0.0/0

id=$(ec2 run-instances --image-id "$image" --instance-type t3.micro --key-name k --security-group-ids "$group" \
  --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=web}]' --query 'Instances[0].InstanceId')
ec2 wait instance-running --instance-ids "$id"
has "$(ec2 describe-instances --filters 'Name=tag:Name,Values=web' --query 'Reservations[].Instances[].State.Name')" running
# The other protocol sees it, too.
has "$(curl -s -u "$USER_NAME:$PASSWORD" "$SERVER/api/instances?format=xml")" "$id"

volume=$(ec2 create-volume --size 8 --availability-zone us-east-1a --query VolumeId)
ec2 wait volume-available --volume-ids "$volume"
ec2 attach-volume --volume-id "$volume" --instance-id "$id" --device /dev/sdf
ec2 wait volume-in-use --volume-ids "$volume"
ec2 detach-volume --volume-id "$volume"
ec2 wait volume-available --volume-ids "$volume"
ec2 delete-volume --volume-id "$volume"

address=$(ec2 allocate-address --domain vpc --query AllocationId)
ec2 associate-address --allocation-id "$address" --instance-id "$id"
has "$(ec2 describe-addresses)" "$id"
ec2 stop-instances --instance-ids "$id"
ec2 wait instance-stopped --instance-ids "$id"
ec2 create-tags --resources "$id" --tags Key=colour,Value=blue
has "$(ec2 describe-tags --filters "Name=resource-id,Values=$id")" blue
refused DryRunOperation ec2 terminate-instances --dry-run --instance-ids "$id"
ec2 terminate-instances --instance-ids "$id"
refused InvalidInstanceID.NotFound ec2 describe-instances --instance-ids i-00000000000000000
AWS_SECRET_ACCESS_KEY=wrong refused AuthFailure ec2 describe-instances
