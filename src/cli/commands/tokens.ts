import { ProblemError, problem } from '../../diagnostics/problem.ts'
import { openStore } from '../../serve/store/open-store.ts'
import type { ProfileStore } from '../../serve/store/store.ts'
import { newToken, tokenHash, tokenNameForm } from '../../serve/token.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openConfig } from '../project.ts'
import { renderTable } from '../render-table.ts'
import { UsageError } from '../usage-error.ts'

export const tokens: CommandBody = async (invocation) => {
  const [action, name] = invocation.arguments
  const act = actionOf(action, name)
  const store = await openStore(openConfig(invocation).serving.store)
  try {
    await act(store, invocation)
  } finally {
    await store.close()
  }
  return exitCode.done
}

type Action = (store: ProfileStore, invocation: Invocation) => Promise<void>

/** @throws {UsageError} there is no such action, or it needs another name */
function actionOf(action: string | undefined, name: string | undefined): Action {
  if (action === 'list') return list
  if (action !== 'create' && action !== 'revoke') {
    throw new UsageError(
      `\`tokens\` has no action \`${action}\``,
      'there are `create <name>`, `list` and `revoke <name>`',
    )
  }
  if (name === undefined) {
    throw new UsageError(
      `which token? \`tokens ${action}\` takes a name`,
      `for example tokens ${action} shop-api`,
    )
  }
  if (action === 'revoke') return (store) => revoke(store, name)
  if (!tokenNameForm.test(name)) {
    throw new UsageError(
      `\`${name}\` is no name of a token`,
      'use letters, digits, `_`, `.` and `-`, 64 at most',
    )
  }
  return (store, invocation) => create(store, name, invocation)
}

async function create(store: ProfileStore, name: string, { output }: Invocation): Promise<void> {
  const token = newToken()
  const isFree = await store.addToken({ name, hash: tokenHash(token), createdAt: new Date().toISOString() })
  if (!isFree) throw new ProblemError([problem('PSN7022', { name })])
  output.result(token)
  output.log('token_created', 'this is shown once: keep it where secrets are kept', { name })
}

async function list(store: ProfileStore, { output }: Invocation): Promise<void> {
  const rows = (await store.tokens()).map(({ name, createdAt }) => [name, createdAt])
  output.result(renderTable([{ head: 'token' }, { head: 'created' }], rows))
}

async function revoke(store: ProfileStore, name: string): Promise<void> {
  if (await store.revokeToken(name)) return
  const names = (await store.tokens()).map((token) => token.name)
  throw new ProblemError([problem('PSN7023', { name, names })])
}
