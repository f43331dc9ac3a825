import type { FastifyInstance } from 'fastify'
import { ProblemError, problem } from '../../diagnostics/problem.ts'

/** After which a caller that does not read its answer is left alone. */
const graceMs = 10_000

/**
 * @param at port 0 is any free one
 * @returns the URL it listens at
 * @throws {ProblemError} PSN7020 the port is in use, PSN7021 it cannot listen there
 */
export async function listen(
  api: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await api.listen(at)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined || code.startsWith('FST_')) throw error
    const parameters = { host: at.host, port: at.port }
    const told =
      code === 'EADDRINUSE'
        ? problem('PSN7020', parameters)
        : problem('PSN7021', { ...parameters, reason: code })
    throw new ProblemError([told], { cause: error })
  }
}

/** Takes no more connections and ends when what runs is answered. */
export async function finish(api: FastifyInstance): Promise<void> {
  // A connection that was busy when the server stopped stays open behind its answer.
  const idle = setInterval(() => api.server.closeIdleConnections(), 50)
  const rest = setTimeout(() => api.server.closeAllConnections(), graceMs)
  try {
    await api.close()
  } finally {
    clearInterval(idle)
    clearTimeout(rest)
  }
}
