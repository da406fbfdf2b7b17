import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MOST_BODY_BYTES, type Queue, type QueueMessage } from '../../src/queue/port.ts'

/** What an adapter brings to the suite. */
export interface QueueContract {
  /** A new queue: hidden for two seconds; with `mostReceives` it has dead letters. */
  readonly open: (options: { readonly mostReceives?: number }) => Promise<Queue>
}

/** All that comes until `count` are there. */
const receiveAll = async (queue: Queue, count: number): Promise<QueueMessage[]> => {
  const all: QueueMessage[] = []
  for (let looks = 0; all.length < count && looks < 30; looks++)
    all.push(...(await queue.receive({ most: 10, waitMs: 1_000 })))
  return all
}

const bodiesOf = (messages: readonly QueueMessage[]): readonly string[] =>
  messages.map(({ body }) => body).sort()

/** What every queue has to hold. */
export const queueContract = (name: string, { open }: QueueContract): void => {
  describe(`${name}, as every queue,`, () => {
    let queue: Queue
    beforeAll(async () => {
      queue = await open({})
    })
    afterAll(() => queue?.close())

    test('gives each message that was sent, whole, and not again once it is deleted', async () => {
      const bodies = Array.from({ length: 23 }, (_, index) => `{"sources":["été/ça & là ${index}.jpg","🐈"]}`)
      await queue.send(bodies)
      const messages = await receiveAll(queue, 23)
      expect(bodiesOf(messages)).toEqual([...bodies].sort())
      expect(messages.every(({ receives }) => receives === 1)).toBe(true)
      for (const { sentAt } of messages) expect(Math.abs(sentAt - Date.now())).toBeLessThan(60_000)
      await queue.delete(messages)
      await queue.delete(messages)
      expect(await queue.receive({ most: 10, waitMs: 2_500 })).toEqual([])
    })

    test('takes texts as large as it says, however many of them', async () => {
      const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(MOST_BODY_BYTES))
      await queue.send(bodies)
      const messages = await receiveAll(queue, 3)
      expect(bodiesOf(messages)).toEqual(bodies)
      await queue.delete(messages)
    })

    test('hides what was received for a while, and gives it again then, under another receipt', async () => {
      await queue.send(['again'])
      const [first] = await receiveAll(queue, 1)
      expect(await queue.receive({ most: 10, waitMs: 0 })).toEqual([])
      const [second] = await receiveAll(queue, 1)
      expect(second).toMatchObject({ id: first?.id, body: 'again', receives: 2 })
      expect(second?.receipt).not.toBe(first?.receipt)
      await queue.delete(second ? [second] : [])
    })

    test('hides for as long as it is asked to', async () => {
      await queue.send(['longer'])
      const held = await queue.receive({ most: 10, waitMs: 1_000, hiddenMs: 60_000 })
      expect(await queue.receive({ most: 10, waitMs: 2_500 })).toEqual([])
      await queue.delete(held)
    })

    test('gives at once what is given back, and hides for longer what is held', async () => {
      await queue.send(['back', 'held'])
      const messages = await receiveAll(queue, 2)
      await queue.hold(
        messages.filter(({ body }) => body === 'held'),
        60_000,
      )
      await queue.giveBack(
        messages.filter(({ body }) => body === 'back'),
        0,
      )
      const again = await queue.receive({ most: 10, waitMs: 1_000 })
      expect(bodiesOf(again)).toEqual(['back'])
      await queue.delete(again)
      expect(await queue.receive({ most: 10, waitMs: 3_000 })).toEqual([])
      await queue.delete(messages)
    })

    test('counts what waits and what is in hand', async () => {
      await queue.send(['one', 'two', 'three'])
      const [held] = await queue.receive({ most: 1, waitMs: 1_000, hiddenMs: 60_000 })
      await expect.poll(() => queue.depth()).toEqual({ waiting: 2, inHand: 1 })
      await queue.delete([...(held ? [held] : []), ...(await receiveAll(queue, 2))])
      await expect.poll(() => queue.depth()).toEqual({ waiting: 0, inHand: 0 })
    })

    test('waits for a message, and no longer than until it comes', async () => {
      const startedAt = Date.now()
      const receiving = queue.receive({ most: 10, waitMs: 20_000 })
      await queue.send(['late'])
      const messages = await receiving
      expect(bodiesOf(messages)).toEqual(['late'])
      expect(Date.now() - startedAt).toBeLessThan(20_000)
      await queue.delete(messages)
    })

    test('ends the wait where the signal aborts', async () => {
      const stop = new AbortController()
      const receiving = queue.receive({ most: 10, waitMs: 20_000, signal: stop.signal })
      setTimeout(() => stop.abort(new Error('enough')), 50)
      await expect(receiving).rejects.toThrow()
    })

    test('gives nothing to a wait that was ended', async () => {
      const stop = new AbortController()
      const options = { most: 10, waitMs: 20_000, hiddenMs: 60_000, signal: stop.signal }
      const ending = queue.receive(options).catch(() => [])
      await sleep(300)
      stop.abort(new Error('enough'))
      await queue.send(['meanwhile'])
      const messages = [...(await ending)]
      await queue.send(['later'])
      messages.push(...(await receiveAll(queue, 2 - messages.length)))
      expect(bodiesOf(messages)).toEqual(['later', 'meanwhile'])
      await queue.delete(messages)
    })

    test('allows each action that a worker needs, and changes nothing by the question', async () => {
      for (const action of ['receive', 'hold', 'delete', 'send', 'look'] as const) await queue.probe(action)
      expect(await queue.depth()).toEqual({ waiting: 0, inHand: 0 })
    })

    test('tells how it is set up', async () => {
      expect(await queue.facts()).toEqual({ visibilityMs: 2_000 })
      expect(await queue.openDeadLetters()).toBeUndefined()
    })

    test('puts aside what was received too often', async () => {
      const poisoned = await open({ mostReceives: 2 })
      expect(await poisoned.facts()).toEqual({ visibilityMs: 2_000, mostReceives: 2 })
      await poisoned.send(['poison'])
      for (let receives = 1; receives <= 2; receives++) {
        const messages = await receiveAll(poisoned, 1)
        expect(messages).toMatchObject([{ body: 'poison', receives }])
        await poisoned.giveBack(messages, 0)
      }
      expect(await poisoned.receive({ most: 10, waitMs: 1_000 })).toEqual([])
      const deadLetters = await poisoned.openDeadLetters()
      expect(bodiesOf((await deadLetters?.receive({ most: 10, waitMs: 2_000 })) ?? [])).toEqual(['poison'])
      await deadLetters?.close()
      await poisoned.close()
    })
  })
}
