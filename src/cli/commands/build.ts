import { type CommandBody, exitCode } from '../invocation.ts'
import { run } from './run.ts'
import { sync } from './sync.ts'
import { test } from './test.ts'

/** What is wrong must not be delivered: the first of them that fails is the last. */
export const build: CommandBody = async (invocation) => {
  for (const body of [run, test, sync]) {
    invocation.signal.throwIfAborted()
    const code = await body(invocation)
    if (code !== exitCode.done) return code
  }
  return exitCode.done
}
