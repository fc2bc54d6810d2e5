/*
 * Stands in for tiny-secp256k1's own loader, which imports its WebAssembly as a module: no browser does that yet. The file is
 * fetched by its address when the library is first imported (dashboard/vite.config.ts puts this in its place).
 */
import address from "../../../../node_modules/tiny-secp256k1/lib/secp256k1.wasm?url";

const imports = {
  // Blinds the arithmetic against side channels; results are the same with any number.
  "./rand.js": { generateInt32: () => crypto.getRandomValues(new Int32Array(1))[0] ?? 0 },
  "./validate_error.js": {
    throwError(code: number): never {
      throw new TypeError(`secp256k1 refuses its input, code ${code}`);
    },
  },
};

const answer = await fetch(address);
if (!answer.ok) throw new Error(`${address} was answered ${answer.status}`);
const { instance } = await WebAssembly.instantiate(await answer.arrayBuffer(), imports);

export default instance.exports;
