import { once } from 'node:events'
import { createApi } from '../../serve/http/app.ts'
import { finish, listen } from '../../serve/http/listen.ts'
import { openReader } from '../../serve/store/open-store.ts'
import type { ProfileReader } from '../../serve/store/store.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openConfig } from '../project.ts'
import { openServeLog } from '../serve-log.ts'
import { personasVersion } from '../version.ts'

export const serve: CommandBody = async (invocation) => {
  const { serving } = openConfig(invocation)
  const { options } = invocation
  const at = { host: options.host ?? serving.host, port: options.port ?? serving.port }
  const reader = await openReader(serving.store)
  try {
    await serveUntilStopped(invocation, reader, {
      ...at,
      space: serving.spaceId,
      rateLimit: serving.rateLimit,
    })
  } finally {
    await reader.close()
  }
  return exitCode.done
}

async function serveUntilStopped(
  { output, signal }: Invocation,
  reader: ProfileReader,
  settings: {
    readonly host: string
    readonly port: number
    readonly space: string
    readonly rateLimit: number
  },
): Promise<void> {
  const { host, port, space, rateLimit } = settings
  const log = openServeLog(output)
  const api = await createApi({ reader, space, rateLimit, log, version: personasVersion() })
  try {
    const url = await listen(api, { host, port })
    output.log('listening', `serving space ${space} at ${url}`, { url, space })
    if ((await reader.release()) === undefined) {
      output.log('unpublished', 'nothing was published yet: profiles are served from the first publish on')
    }
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await finish(api)
  }
}
