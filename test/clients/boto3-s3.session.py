# boto3: a transfer in parts, pages, addresses that are signed, by both signatures.
# needs: python3:boto3
# frontends: s3
import hashlib, os, urllib.request
import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

server = os.environ["SERVER"]


def client(version="s3v4", **more):
    return boto3.client(
        "s3",
        endpoint_url=server + "/s3",
        region_name="us-east-1",
        aws_access_key_id=os.environ["USER_NAME"],
        aws_secret_access_key=os.environ["PASSWORD"],
        config=Config(signature_version=version, s3={"addressing_style": "path"}, **more),
    )


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError("not refused: " + code)


s3 = client()
s3.create_bucket(Bucket="boto")
refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket="boto")

size = 64 * 1024 * 1024
block = os.urandom(1024 * 1024)
with open("big", "wb") as file:
    for n in range(size // len(block)):
        file.write(bytes([n]) + block[1:])
s3.upload_file("big", "boto", "big", ExtraArgs={"Metadata": {"made": "here"}}, Config=TransferConfig(max_concurrency=4))
s3.download_file("boto", "big", "back")
digest = lambda name: hashlib.file_digest(open(name, "rb"), "sha256").hexdigest()
assert digest("big") == digest("back")
head = s3.head_object(Bucket="boto", Key="big")
assert head["ContentLength"] == size and head["ETag"] == head["ETag"].rstrip() and head["ETag"].endswith('-8"'), head
assert head["Metadata"] == {"made": "here"}

for checksum in ("CRC32", "SHA1", "SHA256"):
    s3.put_object(Bucket="boto", Key="sum", Body=b"summed up", ChecksumAlgorithm=checksum)
    assert s3.get_object(Bucket="boto", Key="sum")["Body"].read() == b"summed up"
refused("BadDigest", s3.put_object, Bucket="boto", Key="sum", Body=b"x", ContentMD5="XUFAKrxLKna5cZ2REBfFkg==")
assert s3.get_object(Bucket="boto", Key="sum")["Body"].read() == b"summed up"

keys = ["ü/ä %d+&=?#.txt" % n for n in range(25)]
for key in keys:
    s3.put_object(Bucket="boto", Key=key, Body=key.encode())
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="boto", Prefix="ü/", PaginationConfig={"PageSize": 10})
assert sorted(one["Key"] for page in pages for one in page["Contents"]) == sorted(keys)
folded = s3.list_objects(Bucket="boto", Delimiter="/")
assert [one["Prefix"] for one in folded["CommonPrefixes"]] == ["ü/"]
etag = s3.head_object(Bucket="boto", Key=keys[0])["ETag"]
refused("304", s3.get_object, Bucket="boto", Key=keys[0], IfNoneMatch=etag)
refused("PreconditionFailed", s3.get_object, Bucket="boto", Key=keys[0], IfMatch='"another"')

upload = s3.create_multipart_upload(Bucket="boto", Key="joined")["UploadId"]
parts = []
parts.append(s3.upload_part(Bucket="boto", Key="joined", UploadId=upload, PartNumber=1, Body=b"one ")["ETag"])
source = {"Bucket": "boto", "Key": "sum"}
copied = s3.upload_part_copy(Bucket="boto", Key="joined", UploadId=upload, PartNumber=2, CopySource=source, CopySourceRange="bytes=0-5")
parts.append(copied["CopyPartResult"]["ETag"])
assert [one["ETag"] for one in s3.list_parts(Bucket="boto", Key="joined", UploadId=upload)["Parts"]] == parts
wrong = {"Parts": [{"PartNumber": 1, "ETag": '"nothing"'}]}
refused("InvalidPart", s3.complete_multipart_upload, Bucket="boto", Key="joined", UploadId=upload, MultipartUpload=wrong)
named = {"Parts": [{"PartNumber": n + 1, "ETag": etag} for n, etag in enumerate(parts)]}
s3.complete_multipart_upload(Bucket="boto", Key="joined", UploadId=upload, MultipartUpload=named)
assert s3.get_object(Bucket="boto", Key="joined")["Body"].read() == b"one summed"
refused("NoSuchUpload", s3.abort_multipart_upload, Bucket="boto", Key="joined", UploadId=upload)

for version in ("s3v4", "s3"):
    signer = client(version)
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "boto", "Key": "sum"}, ExpiresIn=60)
    assert urllib.request.urlopen(url).read() == b"summed up"
    put = signer.generate_presigned_url("put_object", Params={"Bucket": "boto", "Key": "put"}, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(put, data=b"by address", method="PUT", headers={"Content-Type": ""}))
    assert signer.get_object(Bucket="boto", Key="put")["Body"].read() == b"by address"

gone = s3.delete_objects(Bucket="boto", Delete={"Objects": [{"Key": key} for key in keys + ["big", "sum", "joined", "put", "never"]]})
assert len(gone["Deleted"]) == len(keys) + 5 and "Errors" not in gone
s3.delete_bucket(Bucket="boto")
refused("404", s3.head_bucket, Bucket="boto")
