import { type CommandBody, exitCode } from '../invocation.ts'
import { openProject } from '../project.ts'
import { runProject } from '../run-project.ts'
import { publish } from './publish.ts'
import { sync } from './sync.ts'
import { test } from './test.ts'

const run: CommandBody = (invocation) => runProject(invocation, openProject(invocation))

/** What is wrong must not be delivered: the first of them that fails is the last. */
export const build: CommandBody = async (invocation) => {
  const bodies = invocation.options.publish ? [run, test, publish, sync] : [run, test, sync]
  for (const body of bodies) {
    invocation.signal.throwIfAborted()
    const code = await body(invocation)
    if (code !== exitCode.done) return code
  }
  return exitCode.done
}
