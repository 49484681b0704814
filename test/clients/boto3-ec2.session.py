# boto3: the resources of EC2, waiters and pages.
# needs: python3:boto3
# frontends: ec2
# provider: ec2
# time-scale: 60
import os
import boto3
from botocore.exceptions import ClientError

settings = dict(
    endpoint_url=os.environ["SERVER"] + "/ec2",
    region_name="us-east-1",
    aws_access_key_id=os.environ["USER_NAME"],
    aws_secret_access_key=os.environ["PASSWORD"],
)
ec2 = boto3.resource("ec2", **settings)
client = ec2.meta.client

image = next(iter(ec2.images.filter(Owners=["amazon"])))
assert image.state == "available", image.state
made = ec2.create_instances(ImageId=image.id, InstanceType="t3.micro", MinCount=2, MaxCount=2)
assert len(made) == 2
for instance in made:
    instance.wait_until_running()
    instance.reload()
    assert instance.state["Name"] == "running"
running = list(ec2.instances.filter(Filters=[{"Name": "instance-state-name", "Values": ["running"]}]))
assert {one.id for one in running} == {one.id for one in made}
made[0].create_tags(Tags=[{"Key": "Name", "Value": "first"}])
made[0].reload()
assert made[0].tags == [{"Key": "Name", "Value": "first"}]

types = [one["InstanceType"] for page in client.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 5}) for one in page["InstanceTypes"]]
assert len(types) == len(set(types)) and "t3.micro" in types

vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")
subnet = vpc.create_subnet(CidrBlock="10.7.1.0/24")
assert [one.id for one in vpc.subnets.all()] == [subnet.id]
subnet.delete()
vpc.delete()

group = ec2.create_security_group(GroupName="db", Description="databases")
group.authorize_ingress(IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": group.id}]}])
group.reload()
assert group.ip_permissions[0]["UserIdGroupPairs"][0]["GroupName"] == "db", group.ip_permissions
group.revoke_ingress(IpPermissions=group.ip_permissions)
group.delete()

for instance in made:
    instance.terminate()
    instance.wait_until_terminated()
try:
    client.start_instances(InstanceIds=[made[0].id])
    raise AssertionError("not refused")
except ClientError as error:
    assert error.response["Error"]["Code"] == "IncorrectInstanceState", error

elb = boto3.client("elb", **settings)
elb.create_load_balancer(
    LoadBalancerName="front",
    AvailabilityZones=["us-east-1a"],
    Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}],
)
assert elb.describe_load_balancers()["LoadBalancerDescriptions"][0]["LoadBalancerName"] == "front"
