/** A QR code as an SVG path: black modules of a square of `size`, with the quiet border that scanners need. */
import qrcode from 'qrcode-generator'

export function qr(text: string): { size: number; path: string } {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  let path = ''
  for (let y = 0; y < count; y++) for (let x = 0; x < count; x++) if (code.isDark(y, x)) path += `M${x + 4} ${y + 4}h1v1h-1z`
  return { size: count + 8, path }
}
