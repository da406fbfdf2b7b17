import { expect, it } from 'vitest'
import { describePlace, folderOf, type Place } from '../../src/config/config.ts'

const FOLDER: Place = { kind: 'folder', path: '/site/img' }
const BUCKET: Place = { kind: 's3', bucket: 'shop', prefix: 'img/', settings: { region: 'eu-north-1' } }
const SERVER: Place = { kind: 'https', url: 'https://host/a/', allowPrivate: false, headers: { a: 'secret' } }

it('only a folder is on this machine', () => {
  expect([FOLDER, BUCKET, SERVER].map(folderOf)).toEqual(['/site/img', undefined, undefined])
})

it('a place has the URI that it is configured by, without settings and headers', () => {
  const uris = [FOLDER, BUCKET, SERVER].map((place) => describePlace(place).uri)
  expect(uris).toEqual(['/site/img', 's3://shop/img/', 'https://host/a/'])
})

it('a bucket names what opens it elsewhere; pages name originals by the URL of their server', () => {
  expect(describePlace(BUCKET)).toMatchObject({
    noun: 'bucket',
    bucket: { name: 'shop', prefix: 'img/' },
    environment: { secrets: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'], variables: ['AWS_REGION'] },
  })
  expect([FOLDER, BUCKET, SERVER].map((place) => describePlace(place).url)).toEqual([
    undefined,
    undefined,
    'https://host/a/',
  ])
})
