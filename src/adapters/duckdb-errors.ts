import { problem } from '../diagnostics/problem.ts'
import { WarehouseError } from './warehouse-error.ts'

/** What DuckDB said while the file was opened. */
export function openingError(cause: unknown, path: string): WarehouseError {
  if (cause instanceof WarehouseError) return cause
  const message = messageOf(cause)
  if (message.includes('Could not set lock')) {
    const pid = /PID (\d+)/.exec(message)?.[1]
    return new WarehouseError(problem('PSN4005', pid === undefined ? { path } : { path, pid }), {
      cause,
      retryable: true,
    })
  }
  if (
    /not a valid DuckDB database|newer version|older version|different version|storage version/i.test(message)
  ) {
    return new WarehouseError(problem('PSN4007', { path }), { cause })
  }
  if (isDiskFull(message)) return diskFull(message, cause)
  return new WarehouseError(problem('PSN4006', { path, reason: reasonOf(message) }), { cause })
}

/** What DuckDB said of a statement. */
export function statementError(cause: unknown): WarehouseError {
  if (cause instanceof WarehouseError) return cause
  const message = messageOf(cause)
  if (message.startsWith('INTERRUPT'))
    return new WarehouseError(problem('PSN4010', { engine: 'DuckDB' }), { cause })
  if (isDiskFull(message)) return diskFull(message, cause)
  if (message.startsWith('Out of Memory')) {
    return new WarehouseError(problem('PSN4012', { message: withoutContext(message) }), { cause })
  }
  const named = /Ambiguous reference to catalog or schema "([^"]+)"/.exec(message)?.[1]
  if (named !== undefined) return new WarehouseError(problem('PSN4024', { name: named }), { cause })
  const serverCode = /^([A-Z]\w+(?: \w+)?) Error:/.exec(message)?.[1]
  return new WarehouseError(problem('PSN4000', { engine: 'DuckDB', message: withoutContext(message) }), {
    cause,
    serverCode,
    // Two transactions wrote to one table; the second may go first next time.
    retryable: message.startsWith('TransactionContext') && message.includes('onflict'),
  })
}

function diskFull(message: string, cause: unknown): WarehouseError {
  return new WarehouseError(problem('PSN4008', { message: withoutContext(message) }), { cause })
}

function isDiskFull(message: string): boolean {
  return /No space left on device|File too large|Disk quota|max_temp_directory_size/i.test(message)
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** Without the excerpt of the SQL and the advice that DuckDB appends. */
function withoutContext(message: string): string {
  return message.replace(/\n\n(?:LINE|Possible|\*)[\s\S]*$/, '').replaceAll('\n', ' ')
}

/** `IO Error: Cannot open file "…": Permission denied` ends with what matters. */
function reasonOf(message: string): string {
  return /: ([^:]+)$/.exec(withoutContext(message))?.[1] ?? message
}
