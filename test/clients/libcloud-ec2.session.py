# Apache Libcloud: its EC2 driver.
# needs: python3:libcloud
# frontends: ec2
# provider: ec2
# time-scale: 60
import os
import time
from urllib.parse import urlparse
from libcloud.compute.types import NodeState, Provider
from libcloud.compute.providers import get_driver

server = urlparse(os.environ["SERVER"])
driver = get_driver(Provider.EC2)(
    os.environ["USER_NAME"], os.environ["PASSWORD"], secure=False, host=server.hostname, port=server.port, region="us-east-1", signature_version="4"
)
images = driver.list_images(ex_owner="amazon")
assert images
size = next(one for one in driver.list_sizes() if one.id == "t3.micro")
node = driver.create_node(name="node", image=images[0], size=size)
[(node, addresses)] = driver.wait_until_running([node], wait_period=0.2, timeout=60)
assert node.state == NodeState.RUNNING and node.name == "node", node
volume = driver.create_volume(4, "disk", location=driver.list_locations()[0])
assert any(one.id == volume.id for one in driver.list_volumes())
assert driver.destroy_volume(volume)
assert driver.ex_stop_node(node)
while driver.list_nodes(ex_node_ids=[node.id])[0].state != NodeState.STOPPED:
    time.sleep(0.1)
assert driver.destroy_node(node)
