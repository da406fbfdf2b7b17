import { randomUUID } from 'node:crypto'
import type { Tell } from '../app/event.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../waiting/system-clock.ts'
import { openProject, type Project } from '../wire/project.ts'

/** Opens a project with the time and the chance of this machine. */
export const openProjectHere = (config: Config, programVersion: string, tell: Tell): Promise<Project> =>
  openProject(config, { now: systemClock.date, newId: randomUUID, programVersion, tell })
