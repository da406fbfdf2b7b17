import { describe, expect, it } from 'vitest'
import { createNaming } from '../../../src/app/watch/name-sources.ts'
import { createPushes, type PushOptions } from '../../../src/app/watch/push.ts'
import { Problem } from '../../../src/core/problem.ts'

const open = (send: PushOptions['send']) => {
  const failed: string[] = []
  const ignored: string[] = []
  const pushes = createPushes({
    nameSources: createNaming([{ prefix: '', bucket: { name: 'b', prefix: '' } }], { mayBe: () => true }),
    send,
    onFailed: ({ code }) => failed.push(code),
    onIgnored: ({ reason, needsAction }) => ignored.push(`${reason} ${needsAction}`),
  })
  return { ...pushes, failed, ignored }
}

const NAMING = JSON.stringify({ sources: ['a.jpg'] })

describe('an event that is pushed', () => {
  it('is kept once it is sent, in texts that a queue takes', async () => {
    const sent: string[] = []
    const { keep } = open(async (body) => sent.push(body) > 0)
    const sources = Array.from({ length: 20_000 }, (_, index) => `été/${index}.jpg`)
    expect(await keep(JSON.stringify({ sources }))).toBe('kept')
    expect(sent.flatMap((body) => JSON.parse(body).sources)).toEqual(sources)
    for (const body of sent) expect(Buffer.byteLength(body)).toBeLessThan(250_000)
  })

  it('has the earliest time of those in it', async () => {
    const sent: string[] = []
    const { keep } = open(async (body) => sent.push(body) > 0)
    const records = [undefined, '2026-11-30T10:00:02.000Z', '2026-11-30T10:00:01.000Z', undefined].map(
      (eventTime, i) => ({ eventTime, s3: { bucket: { name: 'b' }, object: { key: `${i}.jpg` } } }),
    )
    expect(await keep(JSON.stringify({ Records: records }))).toBe('kept')
    expect(JSON.parse(sent[0] ?? '')).toEqual({
      sources: ['0.jpg', '1.jpg', '2.jpg', '3.jpg'],
      time: '2026-11-30T10:00:01.000Z',
    })
  })

  it('is not kept where it cannot be sent, or was given back', async () => {
    const away = open(async () => {
      throw new Problem('queue-unavailable', 'It is away.')
    })
    expect(await away.keep(NAMING)).toBe('failed')
    expect(away.failed).toEqual(['queue-unavailable'])
    expect(await open(async () => false).keep(NAMING)).toBe('failed')
  })

  it('that names nothing is done with, and told where somebody has to act', async () => {
    const { keep, ignored, failed } = open(async () => true)
    expect(
      await keep(
        '{"Type":"SubscriptionConfirmation","TopicArn":"t","Message":"m","SubscribeURL":"https://x/"}',
      ),
    ).toBe('kept')
    expect(ignored).toEqual([expect.stringMatching(/https:\/\/x\/ true$/)])
    expect(await keep('what?')).toBe('unreadable')
    expect(failed).toEqual(['event-unreadable'])
  })
})
