# Apache Libcloud: its OpenStack and OpenStack Swift drivers.
# needs: python3:libcloud
# frontends: openstack
# provider: openstack
# time-scale: 60
import hashlib
import io
import os
import time
from libcloud.compute.types import NodeState, Provider
from libcloud.compute.providers import get_driver
from libcloud.storage.providers import get_driver as get_storage

account = (os.environ["USER_NAME"], os.environ["PASSWORD"])
about = dict(
    secure=False,
    ex_force_auth_url=os.environ["SERVER"] + "/openstack/identity/v3/auth/tokens",
    ex_force_auth_version="3.x_password",
    ex_tenant_name=account[0],
    ex_domain_name="default",
    ex_force_service_region="RegionOne",
)
driver = get_driver(Provider.OPENSTACK)(*account, **about, api_version="2.2")
image = next(one for one in driver.list_images() if one.name.startswith("cirros"))
size = next(one for one in driver.list_sizes() if one.name == "m1.tiny")
assert size.ram == 512 and size.disk == 1, size
network = next(one for one in driver.ex_list_networks() if one.name == "private")
pair = driver.create_key_pair("pair")
assert "PRIVATE KEY" in pair.private_key
node = driver.create_node(name="node", image=image, size=size, networks=[network], ex_keyname="pair", ex_metadata={"colour": "blue"})
[(node, addresses)] = driver.wait_until_running([node], wait_period=0.2, timeout=60, ssh_interface="private_ips")
assert node.state == NodeState.RUNNING and node.name == "node" and node.private_ips, node
assert driver.ex_get_metadata(node) == {"colour": "blue"}


def until(node, state):
    while driver.ex_get_node_details(node.id).state != state:
        time.sleep(0.1)


assert driver.ex_stop_node(node)
until(node, NodeState.STOPPED)
assert driver.ex_start_node(node)
until(node, NodeState.RUNNING)
volume = driver.create_volume(1, "disk")
while driver.ex_get_volume(volume.id).state != "available":
    time.sleep(0.1)
assert driver.attach_volume(node, volume, "/dev/vdb")
while driver.ex_get_volume(volume.id).extra["status" if "status" in volume.extra else "state"] != "in-use":
    time.sleep(0.1)
assert driver.detach_volume(driver.ex_get_volume(volume.id))
group = driver.ex_create_security_group("web", "web servers")
driver.ex_create_security_group_rule(group, "tcp", 80, 80, "0.0.0.0/0")
assert driver.ex_list_security_groups()
address = driver.ex_create_floating_ip(next(one.name for one in driver.ex_list_floating_ip_pools()))
assert any(one.ip_address == address.ip_address for one in driver.ex_list_floating_ips())
assert driver.ex_delete_floating_ip(address)
assert driver.destroy_node(node)

swift = get_storage("openstack_swift")(*account, **{key: value for key, value in about.items() if key != "ex_force_service_region"}, region="RegionOne")
container = swift.create_container("box")
content = os.urandom(3 * 1024 * 1024 + 7)
thing = swift.upload_object_via_stream(io.BytesIO(content), container, "a/thing", extra={"meta_data": {"colour": "blue"}})
found = swift.get_object("box", "a/thing")
assert found.size == len(content) and found.meta_data["colour"] == "blue", (found.size, found.meta_data)
assert hashlib.md5(b"".join(swift.download_object_as_stream(found))).digest() == hashlib.md5(content).digest()
assert [one.name for one in swift.list_container_objects(container, prefix="a/")] == ["a/thing"]
assert swift.delete_object(found) and swift.delete_container(container)
