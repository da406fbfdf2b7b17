import type { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { QueueMessage } from '../../queue/port.ts'
import type { NamedInMessage } from './name-sources.ts'

/** A message that this worker holds, until it is given back or deleted. */
export interface HeldMessage {
  /** The message with its latest receipt. */
  message: QueueMessage
  readonly sources: readonly SourceKey[]
  /** The first error of one of its sources. */
  problem?: Problem
}

/** The messages that this worker holds, by source: a source that ten of them name is looked at once. */
export type SourceTasks = ReturnType<typeof createSourceTasks>

interface Held extends HeldMessage {
  readonly left: Set<SourceKey>
}

interface Task {
  /** The messages that this work answers. */
  messages: Set<Held>
  /**
   * Messages that came after the work began, which may have looked too early for them: the source is looked at again.
   */
  readonly later: Set<Held>
  readonly toldAt: number
  isWorking: boolean
  rounds: number
}

/** Holds nothing at first. */
export const createSourceTasks = () => {
  const held = new Map<string, Held>()
  const tasks = new Map<SourceKey, Task>()
  let working = 0

  const ask = (source: SourceKey, message: Held, toldAt: number): void => {
    const task = tasks.get(source)
    if (task?.isWorking) task.later.add(message)
    else if (task !== undefined) task.messages.add(message)
    else tasks.set(source, toTask([message], toldAt))
  }
  const settle = (source: SourceKey, task: Task, problem: Problem | undefined): readonly Held[] =>
    [...task.messages].filter((message) => {
      message.left.delete(source)
      if (problem !== undefined) message.problem ??= problem
      return message.left.size === 0
    })
  return {
    /** Sources whose work has not begun. */
    get waiting(): number {
      return tasks.size - working
    },
    get working(): number {
      return working
    },
    get messages(): readonly QueueMessage[] {
      return [...held.values()].map(({ message }) => message)
    },
    get held(): readonly HeldMessage[] {
      return [...held.values()]
    },
    /**
     * Adds a message that names at least one source. If it is held already, it was received again, with a new receipt.
     */
    take: (message: QueueMessage, sources: NamedInMessage): void => {
      const known = held.get(message.id)
      if (known !== undefined) {
        known.message = message
        return
      }
      const keys = [...sources.keys()]
      const taken: Held = { message, sources: keys, left: new Set(keys) }
      held.set(message.id, taken)
      for (const [source, at] of sources) ask(source, taken, at ?? message.sentAt)
    },
    /** Up to so many sources to work on now. */
    next: (most: number): readonly SourceKey[] => {
      const chosen: SourceKey[] = []
      for (const [source, task] of tasks) {
        if (chosen.length >= most) break
        if (task.isWorking) continue
        task.isWorking = true
        working++
        chosen.push(source)
      }
      return chosen
    },
    /** The time of the oldest event of a held source, or when its message was sent: milliseconds since 1970. */
    toldAt: (source: SourceKey): number | undefined => tasks.get(source)?.toldAt,
    /** How often a source was found changed after its work. */
    roundsOf: (source: SourceKey): number => tasks.get(source)?.rounds ?? 0,
    /** The work on a source must begin again. */
    again: (source: SourceKey): void => {
      const task = tasks.get(source)
      if (task === undefined) return
      working--
      tasks.delete(source) // moves it to the end of the queue
      const messages = [...task.messages, ...task.later]
      tasks.set(source, { ...toTask(messages, task.toldAt), rounds: task.rounds + 1 })
    },
    /** The work on a source has ended; returns the messages that are done with it. They stay held. */
    end: (source: SourceKey, problem?: Problem): readonly HeldMessage[] => {
      const task = tasks.get(source)
      if (task === undefined) return []
      working--
      tasks.delete(source)
      const [later] = task.later
      if (later !== undefined) tasks.set(source, toTask([...task.later], later.message.sentAt))
      return settle(source, task, problem)
    },
    /** Removes sources whose work has not begun; returns the messages that are done with that. */
    stop: (problem: Problem): readonly HeldMessage[] => {
      const ended: Held[] = []
      for (const [source, task] of tasks) {
        if (task.isWorking) continue
        tasks.delete(source)
        ended.push(...settle(source, task, problem))
      }
      return ended
    },
    drop: (messages: readonly HeldMessage[]): void => {
      for (const { message } of messages) held.delete(message.id)
    },
  }
}

const toTask = (messages: readonly Held[], toldAt: number): Task => ({
  messages: new Set(messages),
  later: new Set(),
  toldAt,
  isWorking: false,
  rounds: 0,
})
