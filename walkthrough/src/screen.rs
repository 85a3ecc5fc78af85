//! What a terminal shows of the bytes that programs write: lines, without colours.

/// The lines of a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Screen {
    /// The lines, the last one perhaps unfinished.
    pub(crate) lines: Vec<String>,
    /// Whether the cursor stands behind text of the last line.
    pub(crate) unfinished: bool,
}

#[derive(Default)]
struct Cursor {
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Cursor {
    fn line(&mut self) -> &mut Vec<char> {
        if self.lines.len() <= self.row {
            self.lines.resize(self.row + 1, Vec::new());
        }
        &mut self.lines[self.row]
    }

    fn put(&mut self, character: char) {
        let column = self.column;
        let line = self.line();
        if line.len() <= column {
            line.resize(column + 1, ' ');
        }
        line[column] = character;
        self.column += 1;
    }

    fn plain(&mut self, character: char) {
        match character {
            '\n' => {
                self.line();
                self.row += 1;
            }
            '\r' => self.column = 0,
            '\u{8}' => self.column = self.column.saturating_sub(1),
            '\t' => self.put('\t'),
            character if character.is_control() => {}
            character => self.put(character),
        }
    }

    /// The sequences that prompts and progress bars use; colours and all others show nothing.
    fn control(&mut self, parameters: &str, command: char) {
        let count = parameters.parse::<usize>().unwrap_or(1);
        let column = self.column;
        match command {
            'A' => self.row = self.row.saturating_sub(count),
            'B' => self.row += count,
            'C' => self.column += count,
            'D' => self.column = self.column.saturating_sub(count),
            'G' => self.column = count.saturating_sub(1),
            'K' if parameters == "2" => self.line().clear(),
            'K' if parameters.is_empty() || parameters == "0" => self.line().truncate(column),
            'J' if parameters.is_empty() || parameters == "0" => {
                self.line().truncate(column);
                let row = self.row;
                self.lines.truncate(row + 1);
            }
            _ => {}
        }
    }
}

/// Shows bytes.
pub(crate) fn show(bytes: &[u8]) -> Screen {
    let text = String::from_utf8_lossy(bytes);
    let mut cursor = Cursor::default();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\u{1b}' {
            // A terminal turns \n into \r\n; programs in raw mode write both.
            cursor.plain(character);
            continue;
        }
        match rest.next() {
            Some('[') => {
                let mut parameters = String::new();
                while let Some(next) = rest.next_if(|next| !('@'..='~').contains(next)) {
                    parameters.push(next);
                }
                if let Some(command) = rest.next() {
                    cursor.control(&parameters, command);
                }
            }
            Some(']') => while rest.next_if(|&next| next != '\u{7}').is_some() {},
            _ => {}
        }
    }
    let unfinished = cursor.lines.get(cursor.row).is_some_and(|line| !line.is_empty());
    let mut lines: Vec<String> =
        cursor.lines.iter().map(|line| line.iter().collect::<String>().trim_end().into()).collect();
    if !unfinished && lines.len() > cursor.row {
        lines.truncate(cursor.row);
    }
    Screen { lines, unfinished }
}
