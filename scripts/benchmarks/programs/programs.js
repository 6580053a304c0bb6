// What the *.sock programs beside this do: node programs.js NAME [DATA]
const fs = require("node:fs");
const [name, path] = process.argv.slice(2);
const rows = () => fs.readFileSync(path, "latin1").split("\n");
const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));

const programs = {
  fib: () => fib(27),
  loop() {
    let sum = 0;
    for (let i = 1; i <= 10_000_000; i++) sum = (sum * 31 + i) % 1000003;
    return sum;
  },
  strings() {
    let sum = 0;
    for (let round = 1; round <= 10; round++) {
      let text = "";
      for (let i = 1; i <= 100_000; i++) text = text + `item${i},`;
      for (const part of text.split(",")) sum += part.length;
    }
    return sum;
  },
  headers() {
    const fields = new Map();
    for (const line of rows()) {
      const match = /^([^:]+):\s*(.*?)\s*$/.exec(line);
      if (match) fields.set(match[1].toLowerCase(), match[2]);
    }
    let sum = 0;
    for (const value of fields.values()) sum += value.length;
    return `${fields.size} ${sum}`;
  },
  words() {
    const counts = new Map();
    for (const line of rows()) {
      for (const word of line.split(" ")) if (word) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    let most = 0;
    for (const count of counts.values()) most = Math.max(most, count);
    return `${counts.size} ${most}`;
  },
  logs() {
    let hits = 0;
    let sum = 0;
    for (const line of rows()) {
      const match = /"GET (\/\S+) HTTP\/1\.[01]" (\d+) (\d+)/.exec(line);
      if (match) {
        hits += 1;
        sum += Number(match[2]) + Number(match[3]) + match[1].length;
      }
    }
    return `${hits} ${sum}`;
  },
};
console.log(String(programs[name]()));
