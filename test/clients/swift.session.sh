# The command line of Swift: containers, objects, and large objects of both kinds, by Keystone and by headers.
# needs: swift
# frontends: openstack
# provider: openstack
set -x
export OS_AUTH_URL="$SERVER/openstack/identity/v3" OS_IDENTITY_API_VERSION=3 OS_REGION_NAME=RegionOne
export OS_USERNAME="$USER_NAME" OS_PASSWORD="$PASSWORD" OS_PROJECT_NAME="$USER_NAME"
export OS_USER_DOMAIN_ID=default OS_PROJECT_DOMAIN_ID=default
has() { case "$1" in *"$2"*) ;; *) echo "'$2' isn't in: $1"; exit 1 ;; esac; }
hasnt() { case "$1" in *"$2"*) echo "'$2' is in: $1"; exit 1 ;; esac; }

has "$(swift capabilities)" slo
swift post box --meta colour:blue
has "$(swift stat box)" blue
printf 'one two three' > small
swift upload box small --header 'X-Object-Meta-Name: Grüße'
has "$(swift stat box small)" 'Content Length: 13'
swift post box small --meta colour:red
has "$(swift stat box small)" red
swift download box small --output back
cmp small back
has "$(swift download box small --output - --header 'Range: bytes=4-6')" two

head -c 5242887 /dev/urandom > large
swift upload box large --segment-size 2097152 --use-slo --segment-container box_parts
has "$(swift stat box large)" '5242887'
swift download box large --output back
cmp large back
swift delete box large
hasnt "$(swift list box_parts)" large
swift upload box large --segment-size 2097152 --segment-container box_parts
has "$(swift stat box large)" 'Manifest'
swift download box large --output back
cmp large back
swift delete box large

mkdir -p tree/b && cp small tree/a && cp small tree/b/c
swift upload box tree
has "$(swift list box --delimiter / --prefix tree/)" tree/b/
has "$(swift list box --prefix tree/b)" tree/b/c
swift copy box small --destination /box/copy
has "$(swift list box)" copy
unset OS_AUTH_URL OS_IDENTITY_API_VERSION OS_USERNAME OS_PASSWORD OS_PROJECT_NAME OS_USER_DOMAIN_ID OS_PROJECT_DOMAIN_ID
has "$(swift -A "$SERVER/openstack/object-store/auth/v1.0" -U "$USER_NAME" -K "$PASSWORD" list)" box
swift -A "$SERVER/openstack/object-store/auth/v1.0" -U "$USER_NAME" -K "$PASSWORD" delete box
if swift -A "$SERVER/openstack/object-store/auth/v1.0" -U "$USER_NAME" -K wrong list; then exit 1; fi
