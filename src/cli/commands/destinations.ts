import { ProblemError, problem } from '../../diagnostics/problem.ts'
import type { Clock } from '../../sync/deliver/pace.ts'
import { DeliveryError, type DestinationType } from '../../sync/destination.ts'
import { builtIn } from '../../sync/destinations/registry.ts'
import { openDestination, settingNames } from '../../sync/open-destination.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openProject } from '../project.ts'
import { renderTable } from '../render-table.ts'
import { UsageError } from '../usage-error.ts'

export const destinations: CommandBody = async (invocation) => {
  const [first, second] = invocation.arguments
  if (first === 'test') return testDestination(invocation, second)
  const types = await Promise.all(Object.values(builtIn).map((load) => load()))
  if (first === undefined) {
    const rows = types.map(({ type, summary, note }) => [
      type,
      note === undefined ? summary : `${summary} (${note})`,
    ])
    invocation.output.result(renderTable([{ head: 'type' }, { head: 'what it is' }], rows))
    return exitCode.done
  }
  const found = types.find(({ type }) => type === first)
  if (found === undefined)
    throw new UsageError(
      `no destination is of type \`${first}\``,
      'see the types with `personas destinations`',
    )
  invocation.output.result(describe(found))
  return exitCode.done
}

function describe(type: DestinationType): string {
  const secret = (name: string): string => (type.secrets.includes(name) ? 'secret' : '')
  return [
    `${type.type}: ${type.summary}`,
    ...(type.note === undefined ? [] : [type.note]),
    '',
    renderTable(
      [{ head: 'setting' }, { head: '' }],
      settingNames(type).map((name) => [name, secret(name)]),
    ),
  ].join('\n')
}

/** Settings and credentials, without sending anything. */
async function testDestination(invocation: Invocation, name: string | undefined): Promise<number> {
  const { config, definitions } = openProject(invocation)
  const found = definitions.destinations.find((destination) => destination.name === name)
  if (found === undefined) {
    const names = definitions.destinations.map((destination) => destination.name)
    throw new UsageError(
      name === undefined ? 'which destination?' : `no destination is named \`${name}\``,
      `the project has ${names.length === 0 ? 'none' : names.join(', ')}`,
    )
  }
  const clock: Clock = { now: () => performance.now(), sleep: async () => {}, random: () => 0 }
  const destination = await openDestination(found, config.projectDir, clock, invocation.importModule)
  try {
    await destination.type.check(destination.settings, invocation.signal)
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error
    const parameters = { destination: found.name, detail: `${error.reason}: ${error.message}` }
    throw new ProblemError([problem('PSN6012', parameters, found.nameSpan)], { cause: error })
  }
  invocation.output.result(
    `${found.name} (${found.type}): settings and credentials are good; nothing was sent`,
  )
  return exitCode.done
}
