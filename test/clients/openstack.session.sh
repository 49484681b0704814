# The command line of OpenStack: a session over all the services, from a token to the end of a server.
# needs: openstack
# frontends: deltacloud,openstack
# provider: openstack
# time-scale: 60
set -x
export OS_AUTH_URL="$SERVER/openstack/identity/v3" OS_IDENTITY_API_VERSION=3 OS_REGION_NAME=RegionOne
export OS_USERNAME="$USER_NAME" OS_PASSWORD="$PASSWORD" OS_PROJECT_NAME="$USER_NAME"
export OS_USER_DOMAIN_ID=default OS_PROJECT_DOMAIN_ID=default OS_CLIENT_CONFIG_FILE=/dev/null
o() { openstack "$@"; }
has() { case "$1" in *"$2"*) ;; *) echo "'$2' isn't in: $1"; exit 1 ;; esac; }
hasnt() { case "$1" in *"$2"*) echo "'$2' is in: $1"; exit 1 ;; esac; }
refused() { code="$1"; shift; if out=$("$@" 2>&1); then echo "not refused"; exit 1; fi; has "$out" "$code"; }

# Identity
has "$(o token issue -f value -c project_id)" ''
has "$(o catalog list -f value -c Type)" object-store
OS_PASSWORD=wrong refused 401 o token issue
OS_AUTH_URL="$SERVER/openstack/identity" has "$(o token issue -f value -c user_id)" ''

# Images and flavors
has "$(o image list -f value -c Name)" cirros
has "$(o image show cirros-0.6.2-x86_64-disk -f value -c status)" active
has "$(o flavor list -f value -c Name)" m1.tiny
has "$(o flavor show m1.small -f value -c ram)" 2048
refused 'No Image found' o image show nosuch

# Keys and security groups
has "$(o keypair create made)" 'PRIVATE KEY'
has "$(o keypair list -f value -c Name)" made
o security group create web --description 'web servers'
o security group rule create web --protocol tcp --dst-port 80:81 --remote-ip 10.0.0.0/8
has "$(o security group rule list web -f value)" 80:81
refused 409 o security group delete default

# A server
o server create --image cirros-0.6.2-x86_64-disk --flavor m1.tiny --key-name made --security-group web --property colour=blue --wait one
has "$(o server list -f value -c Status -c Name)" 'one ACTIVE'
has "$(o server show one -f value -c properties -c security_groups)" blue
id=$(o server show one -f value -c id)
# The other protocol sees it, too.
has "$(curl -s -u "$USER_NAME:$PASSWORD" "$SERVER/api/instances?format=xml")" "$id"
o server stop one
until [ "$(o server show one -f value -c status)" = SHUTOFF ]; do sleep 0.2; done
refused 409 o server stop one
o server start one
until [ "$(o server show one -f value -c status)" = ACTIVE ]; do sleep 0.2; done
o server reboot --hard --wait one
o server set --property size=small one
has "$(o server show one -f value -c properties)" small

# Networks, ports and floating addresses
o network create inner
o subnet create --network inner --subnet-range 192.168.5.0/24 inner-subnet
has "$(o subnet show inner-subnet -f value -c gateway_ip)" 192.168.5.1
o port create --network inner spare
o server add port one spare
has "$(o port list --server one -f value)" 192.168.5.
has "$(o server show one -f value -c addresses)" 192.168.5.
o server remove port one spare
until [ "$(o port show spare -f value -c status)" = DOWN ]; do sleep 0.2; done
o port delete spare
address=$(o floating ip create public -f value -c floating_ip_address)
o server add floating ip one "$address"
until [ "$(o floating ip show "$address" -f value -c status)" = ACTIVE ]; do sleep 0.2; done
has "$(o server show one -f value -c addresses)" "$address"
o server remove floating ip one "$address"
o floating ip delete "$address"
o subnet delete inner-subnet
o network delete inner

# Volumes and snapshots
o volume create --size 2 disk --property for=tests
until [ "$(o volume show disk -f value -c status)" = available ]; do sleep 0.2; done
o server add volume one disk
until [ "$(o volume show disk -f value -c status)" = in-use ]; do sleep 0.2; done
refused 'Invalid volume' o volume delete disk
o volume snapshot create --volume disk --force point
until [ "$(o volume snapshot show point -f value -c status)" = available ]; do sleep 0.2; done
o server remove volume one disk
until [ "$(o volume show disk -f value -c status)" = available ]; do sleep 0.2; done
o volume create --snapshot point copy
o volume snapshot delete point
o volume delete disk

# An image of it
o server image create --name picture one
until [ "$(o image show picture -f value -c status)" = active ]; do sleep 0.2; done
o image delete picture

# Objects
o container create box
echo content > file
o object create box file
has "$(o object list box -f value)" file
o object save --file back box file
cmp file back
has "$(o container show box -f value -c object_count)" 1
refused 409 o container delete box
o object delete box file
o container delete box

# More projects than one, and the end
OS_PROJECT_NAME=other hasnt "$(OS_PROJECT_NAME=other o server list -f value)" one
o server delete --wait one
hasnt "$(o server list -f value -c Name)" one
refused 'No server with a name or ID' o server show one
