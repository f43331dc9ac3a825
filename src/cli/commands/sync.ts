import type { CommandBody } from '../invocation.ts'
import { openProject } from '../project.ts'
import { syncProject } from '../sync-project.ts'

export const sync: CommandBody = (invocation) => syncProject(invocation, openProject(invocation))
