import { type CommandBody, exitCode } from '../invocation.ts'
import { openProject } from '../project.ts'

export const parse: CommandBody = async (invocation) => {
  const { config, definitions } = openProject(invocation)
  const counts: readonly (readonly [number, string])[] = [
    [definitions.sources.length, 'source'],
    [definitions.identity.identifiers.length, 'identifier'],
    [definitions.models.length, 'model'],
    [definitions.traits.length, 'trait'],
    [definitions.audiences.length, 'audience'],
    [definitions.destinations.length, 'destination'],
    [definitions.syncs.length, 'sync'],
    [definitions.unitTests.length, 'unit test'],
  ]
  const parts = counts
    .filter(([count]) => count > 0)
    .map(([count, noun]) => `${count} ${plural(noun, count)}`)
  invocation.output.result(`${config.name}: ${parts.length === 0 ? 'no definitions' : parts.join(', ')}`)
  return exitCode.done
}

function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`
}
