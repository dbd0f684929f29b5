import { canBeLaptop } from '../practice/laptop.ts'

/** Whether the practice cloud can see a laptop at this IPv4 address. */
export function isLaptopAddress(address: string): boolean {
  return canBeLaptop(address)
}
