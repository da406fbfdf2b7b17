import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AnswerEvent } from '../../src/app/origin/event.ts'
import type { MadeOutcome } from '../../src/app/origin/maker.ts'
import { refuse } from '../../src/app/origin/refusal.ts'
import { Problem } from '../../src/core/problem.ts'
import type { RequestFacts } from '../../src/http/log.ts'
import { createAskServer } from '../../src/http/workers/ask-server.ts'
import type { ToOwner, ToWorker } from '../../src/http/workers/messages.ts'
import {
  createNotifier,
  type Notification,
  type NotificationRules,
  reviveEvent,
} from '../../src/http/workers/notifications.ts'
import { createOwnerLink } from '../../src/http/workers/owner-link.ts'
import type { VariantKey } from '../../src/url/keyring.ts'
import { openBench } from '../support/bench-project.ts'
import { createLatch } from '../support/latch.ts'
import { testKey } from '../support/origin.ts'

const { keyring } = openBench()
const KEY = testKey(keyring, 'a.jpg') as VariantKey
const MAKE = { kind: 'make', key: KEY, isForeign: true } as const
const bytes = new Uint8Array(7)
const upload = { bytes, md5: 'm', renderedAt: 3 }
const RENDERED: MadeOutcome = { kind: 'rendered', upload, madeFor: 'this' }

describe('what a worker tells', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  const ALL: NotificationRules = { isCounted: true, level: 'info' }
  const USED: Notification = { kind: 'used', key: KEY }
  const open = (wants: NotificationRules) => {
    const sent: (readonly Notification[])[] = []
    return { sent, ...createNotifier((some) => void sent.push(some), wants) }
  }

  it('is sent together after a moment, in its order, and nothing where there is nothing', async () => {
    const { sent, tell, flush } = open(ALL)
    tell(USED)
    await vi.advanceTimersByTimeAsync(19)
    tell({ ...USED, kind: 'used', key: 'other' as VariantKey })
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toEqual([[USED, { kind: 'used', key: 'other' }]])
    flush()
    tell(USED)
    flush()
    await vi.advanceTimersByTimeAsync(100)
    expect(sent).toHaveLength(2)
    tell(USED)
    await vi.advanceTimersByTimeAsync(10)
    flush()
    tell(USED)
    await vi.advanceTimersByTimeAsync(10)
    expect(sent).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(10)
    expect(sent).toHaveLength(4)
  })

  it('is sent at once where it is much', () => {
    const { sent, tell } = open(ALL)
    for (let i = 0; i < 499; i++) tell(USED)
    expect(sent).toEqual([])
    tell(USED)
    expect(sent).toMatchObject([{ length: 500 }])
  })

  const request = (status: number, outcome: RequestFacts['outcome'] = 'hit'): Notification => ({
    kind: 'request',
    facts: { status, outcome } as RequestFacts,
  })
  const lookedUp: Notification = { kind: 'event', event: { kind: 'looked-up', found: true, elapsedMs: 1 } }
  const failed: Notification = {
    kind: 'event',
    event: { kind: 'lookup-failed', key: KEY, problem: new Problem('store-unavailable', 'It is away.') },
  }
  const EACH = [USED, request(200), request(500), request(500, 'bug'), lookedUp, failed, request(404)]
  it.each<[NotificationRules, readonly number[]]>([
    [{ isCounted: true, level: 'error' }, [0, 1, 2, 3, 4, 5, 6]],
    [{ isCounted: false, level: 'debug' }, [0, 1, 2, 3, 4, 5, 6]],
    [{ isCounted: false, level: 'info' }, [0, 1, 2, 3, 5, 6]],
    [{ isCounted: false, level: 'warn' }, [0, 2, 3, 5]],
    [{ isCounted: false, level: 'error' }, [0, 3, 5]],
  ])('is what is counted or logged: by %j %j', (wants, expected) => {
    const { sent, tell, flush } = open(wants)
    for (const each of EACH) tell(each)
    flush()
    expect(sent[0]?.map(({ kind }) => kind)).toEqual(expected.map((index) => EACH[index]?.kind))
    expect(sent[0]).toHaveLength(expected.length)
  })

  it('has its problems whole at the other end', () => {
    const { sent, tell, flush } = open(ALL)
    const problem = new Problem('store-unavailable', 'It is away.', { hint: 'Wait.', subject: 'a.jpg' })
    const event: AnswerEvent = { kind: 'lookup-failed', key: KEY, problem }
    tell({ kind: 'event', event })
    flush()
    const [notification] = structuredClone(sent[0] ?? [])
    const revived = notification?.kind === 'event' && reviveEvent(notification.event)
    expect(revived).toEqual(event)
    expect(revived && 'problem' in revived && revived.problem).toBeInstanceOf(Problem)
    expect(reviveEvent({ kind: 'waited', elapsedMs: 1 })).toEqual({ kind: 'waited', elapsedMs: 1 })
  })
})

describe('what a worker asks', () => {
  const open = () => {
    const said: ToOwner[] = []
    const sizes: number[] = []
    return {
      said,
      sizes,
      ...createOwnerLink(
        (message) => void said.push(message),
        (size) => void sizes.push(size),
      ),
    }
  }

  it('has the answer to that question, or its error', async () => {
    const { said, ask, take } = open()
    const asked = [ask({ kind: 'is-ready' }), ask(MAKE), ask(MAKE)]
    expect(said).toMatchObject([
      { id: 1, question: { kind: 'is-ready' } },
      { id: 2, question: MAKE },
      { id: 3 },
    ])
    take({ kind: 'reply', id: 2, reply: refuse('draining') })
    take({ kind: 'reply', id: 1, reply: true })
    take({ kind: 'failed', id: 3, message: 'a bug' })
    expect(await Promise.all(asked.slice(0, 2))).toEqual([true, refuse('draining')])
    await expect(asked[2]).rejects.toThrow('a bug')
  })

  it('is left by whoever goes, once, and an answer that comes then is let go', async () => {
    const { said, ask, take } = open()
    const leaving = new AbortController()
    const asked = ask(MAKE, leaving.signal)
    leaving.abort(new Error('gone'))
    await expect(asked).rejects.toThrow('gone')
    expect(said.slice(1)).toEqual([{ kind: 'leave', id: 1 }])
    take({ kind: 'reply', id: 1, reply: RENDERED })
    await turn()
    expect(said.slice(2)).toEqual([{ kind: 'release', id: 1 }])
  })

  it('that fails has nothing more to leave', async () => {
    const { said, ask, take } = open()
    const asked = ask(MAKE)
    take({ kind: 'failed', id: 1, message: 'a bug' })
    await expect(asked).rejects.toThrow('a bug')
    expect(said).toHaveLength(1)
  })

  it('is released when all who hold the bytes have sent them', async () => {
    const { said, sizes, ask, take, hold } = open()
    const asked = ask(MAKE)
    take({ kind: 'reply', id: 1, reply: RENDERED })
    await asked
    const [first, second] = [hold(bytes), hold(bytes)]
    await turn()
    first()
    expect([said.length, sizes]).toEqual([1, [7]])
    second()
    expect(said.slice(1)).toEqual([{ kind: 'release', id: 1 }])
    hold(bytes)()
    expect(said).toHaveLength(2)
  })
})

describe('what the owner answers', () => {
  const open = (make: (signal: AbortSignal) => Promise<MadeOutcome>, isVersioned = true) => {
    const sent: ToWorker[] = []
    const held = { now: 0 }
    const wanted: unknown[] = []
    const server = createAskServer(
      {
        keyring,
        maker: {
          make: (key, signal) => {
            wanted.push(key)
            return make(signal)
          },
        },
        outgoing: {
          hold: () => {
            held.now++
            return () => void held.now--
          },
        },
        health: { isReady: async () => false },
        ...(isVersioned && { currentKeys: { find: async () => refuse('source-missing') } }),
        noteUse: () => {},
      },
      (message) => void sent.push(message),
    )
    const ask = async (id: number, question: (ToOwner & { kind: 'ask' })['question']): Promise<void> => {
      server.take({ kind: 'ask', id, question })
      await turn()
    }
    return { sent, held, wanted, ask, ...server }
  }

  it('is a picture with what is sent of it, held until it is released', async () => {
    const { sent, held, wanted, ask, take } = open(async () => ({
      ...RENDERED,
      upload: { ...upload, origin: 1 } as never,
    }))
    await ask(5, MAKE)
    expect([sent, held.now]).toEqual([[{ kind: 'reply', id: 5, reply: RENDERED }], 1])
    expect(wanted).toMatchObject([{ key: KEY, isForeign: true }])
    take({ kind: 'release', id: 4 })
    expect(held.now).toBe(1)
    for (let i = 0; i < 2; i++) take({ kind: 'release', id: 5 })
    expect(held.now).toBe(0)
  })

  it('is a refusal of what is not signed, and whatever else is asked', async () => {
    const { sent, held, wanted, ask } = open(async () => refuse('draining'))
    const key = KEY.replace('a.jpg', 'b.jpg') as VariantKey
    await ask(1, { ...MAKE, key })
    await ask(2, { kind: 'find-current', key })
    await ask(3, { kind: 'find-current', key: KEY })
    await ask(4, { kind: 'is-ready' })
    await ask(5, MAKE)
    const replies = sent.map((message) => message.kind === 'reply' && message.reply)
    const wrong = refuse('signature-wrong')
    expect(replies).toEqual([wrong, wrong, refuse('source-missing'), false, refuse('draining')])
    expect([wanted.length, held.now]).toEqual([1, 0])
    const plain = open(async () => RENDERED, false)
    await plain.ask(1, { kind: 'find-current', key: KEY })
    expect(plain.sent).toMatchObject([{ reply: { code: 'not-a-key' } }])
  })

  it('is an error, but nothing to whoever has left', async () => {
    const { sent, ask, take } = open(async (signal) => {
      await turn()
      if (signal.aborted) throw signal.reason
      throw new Error('a bug')
    })
    take({ kind: 'ask', id: 1, question: MAKE })
    take({ kind: 'ask', id: 2, question: MAKE })
    take({ kind: 'leave', id: 2 })
    await ask(3, { kind: 'is-ready' })
    await expect.poll(() => sent).toContainEqual({ kind: 'failed', id: 1, message: 'Error: a bug' })
    expect(sent.map((message) => 'id' in message && message.id).sort()).toEqual([1, 3])
  })

  it('is kept for nobody when the worker is gone', async () => {
    const door = createLatch()
    const { sent, held, ask, close } = open(async () => RENDERED)
    await ask(1, MAKE)
    close()
    expect(held.now).toBe(0)
    const late = open(async () => door.pass().then(() => RENDERED))
    await late.ask(1, MAKE)
    late.close()
    door.open()
    await turn()
    expect([sent.length, late.sent, late.held.now]).toEqual([1, [], 0])
  })
})
