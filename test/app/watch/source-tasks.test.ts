import { expect, it } from 'vitest'
import { createSourceTasks } from '../../../src/app/watch/source-tasks.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'

const [A, B] = ['a.jpg', 'b.jpg'] as SourceKey[] as [SourceKey, SourceKey]
const AWAY = new Problem('store-unavailable', 'It is away.')
const STOP = new Problem('stopped', 'It is to stop.')

const setUp = () => {
  const tasks = createSourceTasks()
  /** A message, sent at 5, that names these, all at the time `at`. */
  const take = (
    id: string,
    sources: readonly SourceKey[],
    { receipt = id, at }: { receipt?: string; at?: number } = {},
  ) =>
    tasks.take(
      { id, receipt, body: '', receives: 1, sentAt: 5 },
      new Map(sources.map((source) => [source, at])),
    )
  const end = (source: SourceKey, problem?: Problem) =>
    tasks.end(source, problem).map((held) => [held.message.id, held.problem?.code])
  return { tasks, take, end }
}

it('gives each source once, the first that was named first, and no more than are wanted', () => {
  const { tasks, take } = setUp()
  take('1', [B, A])
  take('2', [A])
  expect([tasks.waiting, tasks.working, tasks.next(1)]).toEqual([2, 0, [B]])
  expect([tasks.next(5), tasks.next(5), tasks.waiting, tasks.working]).toEqual([[A], [], 0, 2])
})

it('ends a message with the last of its sources, by the first of their problems, and holds it until it is dropped', () => {
  const { tasks, take, end } = setUp()
  take('1', [A, B])
  take('2', [B])
  tasks.next(2)
  expect(end(A, AWAY)).toEqual([])
  expect(end(B, STOP)).toEqual([
    ['1', 'store-unavailable'],
    ['2', 'stopped'],
  ])
  expect([end(B), tasks.working, tasks.messages.length]).toEqual([[], 0, 2])
  tasks.drop(tasks.held.slice(0, 1))
  expect(tasks.messages).toMatchObject([{ id: '2' }])
})

it('looks again at a source of which more was told while it was worked on', () => {
  const { tasks, take, end } = setUp()
  take('1', [A], { at: 3 })
  expect([tasks.next(1), tasks.toldAt(A)]).toEqual([[A], 3])
  take('2', [A], { at: 4 })
  expect([end(A), tasks.waiting, tasks.toldAt(A)]).toEqual([[['1', undefined]], 1, 5])
  expect([tasks.next(1), end(A, AWAY)]).toEqual([[A], [['2', 'store-unavailable']]])
})

it('answers all of them at once where the work begins again, behind those that wait', () => {
  const { tasks, take, end } = setUp()
  take('1', [A])
  tasks.next(1)
  take('2', [A, B])
  tasks.again(A)
  expect([tasks.roundsOf(A), tasks.toldAt(A), tasks.working, tasks.next(1)]).toEqual([1, 5, 0, [B]])
  tasks.next(1)
  tasks.again(A)
  tasks.next(1)
  expect([tasks.roundsOf(A), end(A), end(B)]).toEqual([2, [['1', undefined]], [['2', undefined]]])
})

it('takes a message that comes again for the same, with the receipt of today', () => {
  const { tasks, take, end } = setUp()
  take('1', [A])
  tasks.next(1)
  take('1', [A], { receipt: 'another' })
  expect(tasks.messages).toMatchObject([{ id: '1', receipt: 'another' }])
  expect([end(A), tasks.waiting]).toEqual([[['1', undefined]], 0])
})

it('lets go of what has not begun when it is to stop', () => {
  const { tasks, take, end } = setUp()
  take('1', [A, B])
  tasks.next(1)
  take('2', [B])
  expect(tasks.stop(STOP).map(({ message }) => message.id)).toEqual(['2'])
  expect([tasks.waiting, tasks.working, end(A)]).toEqual([0, 1, [['1', 'stopped']]])
})
