import { DeliveryError } from '../destination.ts'

/**
 * An optional package that a destination needs.
 *
 * @throws {DeliveryError} it is not installed
 */
export async function driverOf<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!missing) throw error
    throw new DeliveryError(
      'fatal',
      'package missing',
      `this destination needs the package ${name}: npm install ${name}`,
      {
        cause: error,
      },
    )
  }
}
