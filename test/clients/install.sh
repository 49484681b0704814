#!/bin/sh
# Installs the clients of test/clients from Debian's packages. Needs root.
set -eu

# Of AWS: the command line, boto3, and a client of S3 that nobody at Amazon wrote.
aws="awscli s3cmd python3-boto3"

# Many clouds behind one API.
libcloud=python3-libcloud

# Of OpenStack: the command line over all services, and Swift's own.
openstack="python3-openstackclient python3-swiftclient python3-keystoneclient"

apt-get update
# shellcheck disable=SC2086
apt-get install -y --no-install-recommends $aws $libcloud $openstack
