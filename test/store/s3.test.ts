import { beforeAll } from 'vitest'
import { openS3Store } from '../../src/store/s3.ts'
import { createBucket, s3Settings } from '../support/s3.ts'
import { describeStore } from './contract.ts'

let bucket = ''
let count = 0
beforeAll(async () => {
  bucket = await createBucket('store')
})

describeStore('s3', {
  open: async () => openS3Store({ bucket, prefix: `place ${count++}/+ü/`, settings: s3Settings() }),
  openMissing: async () => openS3Store({ bucket: `${bucket}-none`, prefix: '', settings: s3Settings() }),
  isFlat: true,
  runs: 10,
})
