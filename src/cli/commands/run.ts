import { type CommandBody, exitCode } from '../invocation.ts'
import { openProject } from '../project.ts'
import { runProject } from '../run-project.ts'

export const run: CommandBody = async (invocation) => {
  const code = await runProject(invocation, openProject(invocation))
  if (code !== exitCode.done || !invocation.options.publish) return code
  return (await import('./publish.ts')).publish(invocation)
}
