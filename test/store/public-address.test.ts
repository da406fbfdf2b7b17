import { describe, expect, test } from 'vitest'
import { isPublicAddress } from '../../src/store/public-address.ts'
import { words } from '../support/words.ts'

describe('addresses', () => {
  const refused = {
    loopback: ['127.0.0.1', '127.255.0.3', '::1'],
    unspecified: ['0.0.0.0', '0.1.2.3', '::'],
    private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
    'link-local, metadata': ['169.254.169.254', '169.254.170.2', 'fe80::1', 'fd00:ec2::254', '168.63.129.16'],
    'shared, Alibaba metadata': ['100.64.0.1', '100.100.100.200'],
    'IPv4 in IPv6': words('::ffff:8.8.8.8 ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1'),
    'tunnels to IPv4': ['2002:7f00:1::', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '64:ff9b:1::1'],
    multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
    'broadcast, reserved': ['255.255.255.255', '240.0.0.1', '192.0.0.8', '198.18.0.1', 'fec0::1', '4000::1'],
    documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.7', '2001:db8::1'],
    'no addresses': ['', 'localhost', '1.2.3', 'example.com', '127.0.0.1.', '::1%eth0'],
  }
  for (const [kind, addresses] of Object.entries(refused))
    test(`${kind} are not public`, () => {
      for (const address of addresses) expect(isPublicAddress(address), address).toBe(false)
    })

  test('those of real servers are', () => {
    for (const address of words(`
      8.8.8.8 93.184.216.34 172.32.0.1 100.128.0.1 2606:2800:220:1::1 2a00:1450::1
    `))
      expect(isPublicAddress(address), address).toBe(true)
  })
})
