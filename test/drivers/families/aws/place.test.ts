/** Where a provider's services are, read from its name. */

import t from 'tap'
import { placeIn as placeOfEc2 } from '../../../../src/drivers/ec2/index.ts'
import { placeIn as placeOfEucalyptus } from '../../../../src/drivers/eucalyptus/index.ts'

t.test('EC2 is a region, a host, or a place for each service', t => {
  t.match(placeOfEc2(undefined), { region: 'us-east-1', endpoints: {}, signature: 4, profiles: 'static' })
  t.match(placeOfEc2('eu-west-1'), { region: 'eu-west-1', endpoints: {} })
  t.match(placeOfEc2('ec2.eu-west-1.example.com'), { region: 'eu-west-1', endpoints: { s3: 'https://ec2.eu-west-1.example.com' } })
  t.match(placeOfEc2('http://127.0.0.1:3001/ec2/'), { endpoints: { ec2: 'http://127.0.0.1:3001/ec2', elb: 'http://127.0.0.1:3001/ec2' } })
  t.match(placeOfEc2('ec2=http://a:1;s3=http://b:2/s3;region=eu-west-1;profiles=live;realms=zones'), {
    region: 'eu-west-1',
    endpoints: { ec2: 'http://a:1', s3: 'http://b:2/s3' },
    profiles: 'live',
    realms: 'zones',
  })
  for (const name of [
    '',
    'nowhere',
    'ec2=ftp://a',
    'ec2=http://user:secret@a',
    'colour=red',
    'region=eu-west-1;region=us-east-1',
    'profiles=many',
  ])
    t.equal(placeOfEc2(name), undefined, name)
  t.end()
})

t.test('Eucalyptus is two hosts, with the paths and the port that it has by itself', t => {
  t.match(placeOfEucalyptus('ec2=cloud.example.com:8773; s3=10.0.0.2'), {
    endpoints: { ec2: 'http://cloud.example.com:8773/services/Eucalyptus', s3: 'http://10.0.0.2:8773/services/Walrus' },
    signature: 2,
    version: '2010-08-31',
  })
  t.match(placeOfEucalyptus('ec2=https://c.example.com/services/compute;signature=4;region=home'), {
    endpoints: { ec2: 'https://c.example.com/services/compute' },
    signature: 4,
    region: 'home',
  })
  for (const name of ['', 'us-east-1', 'region=home', 'ec2=a b', 'ec2=cloud;signature=3', 'ec2=http://u:p@cloud'])
    t.equal(placeOfEucalyptus(name), undefined, name)
  t.end()
})
