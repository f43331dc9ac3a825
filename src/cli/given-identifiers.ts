import type { Project } from '../definitions/load-project.ts'
import { nearest } from '../diagnostics/nearest.ts'
import type { Invocation } from './invocation.ts'
import { UsageError } from './usage-error.ts'

export interface GivenIdentifier {
  readonly identifier: { readonly type: string; readonly value: string }
  readonly written: string
}

/**
 * Arguments of the form `type:value`.
 *
 * @throws {UsageError} none, no identifier, or one of a type that the project does not have
 */
export function givenIdentifiers(invocation: Invocation, project: Project): readonly GivenIdentifier[] {
  return invocation.arguments.map((written) => ({ identifier: read(written, invocation, project), written }))
}

function read(
  written: string,
  { command }: Invocation,
  { definitions }: Project,
): GivenIdentifier['identifier'] {
  const colon = written.indexOf(':')
  const type = written.slice(0, Math.max(colon, 0))
  const value = written.slice(colon + 1)
  if (colon < 1 || value.trim() === '') {
    const example = `for example ${command} email:ann@example.org`
    throw new UsageError(`an identifier is type:value, not \`${written}\``, example)
  }
  const types = definitions.identity.identifiers
    .map((rule) => rule.type)
    .filter((name) => name !== 'group_id')
  if (!types.includes(type)) {
    const near = nearest(type, types)
    throw new UsageError(
      `\`${type}\` is no type of identifier of this project`,
      near === undefined ? `there are ${types.join(', ')}` : `did you mean \`${near}\`?`,
    )
  }
  return { type, value }
}
