import type { CommandBody } from '../invocation.ts'
import { openProject } from '../project.ts'
import { runProject } from '../run-project.ts'

export const run: CommandBody = (invocation) => runProject(invocation, openProject(invocation))
