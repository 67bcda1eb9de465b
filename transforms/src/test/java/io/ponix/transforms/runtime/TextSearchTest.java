package io.ponix.transforms.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextSearchTest {

    /** Few letters, so that texts almost match. Long enough for the linear way. */
    @Test
    void findsWhatComparingEveryPlaceFinds() {
        Random random = new Random(7);
        for (int i = 0; i < 3_000; i++) {
            String text = text(random, random.nextInt(3_000));
            String searched =
                    random.nextBoolean() || text.isEmpty()
                            ? text(random, random.nextInt(40))
                            : part(random, text);
            int from = random.nextInt(text.length() + 1);
            TextSearch search = new TextSearch(searched);
            assertThat(search.find(text, from))
                    .as("'%s' in '%s' from %s", searched, text, from)
                    .isEqualTo(text.indexOf(searched, from));
            assertThat(search.findLast(text, from))
                    .as("last '%s' in '%s' from %s", searched, text, from)
                    .isEqualTo(text.lastIndexOf(searched, from));
        }
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(random.nextInt(9) == 0 ? 'b' : 'a');
        }
        return text.toString();
    }

    private static String part(Random random, String text) {
        int start = random.nextInt(text.length());
        return text.substring(start, start + random.nextInt(text.length() - start));
    }

    @ParameterizedTest
    @CsvSource({"1", "3000"})
    void aMatchNeverSplitsASurrogatePair(int repetitions) {
        String smiles = "\uD83D\uDE00".repeat(repetitions);
        String half = "\uDE00" + "\uD83D\uDE00".repeat(repetitions / 2);
        assertThat(new TextSearch(half).find(smiles, 0)).isEqualTo(-1);
        assertThat(new TextSearch(half).findLast(smiles, smiles.length())).isEqualTo(-1);
        assertThat(new TextSearch(half).find(smiles + "x" + half, 0))
                .isEqualTo(smiles.length() + 1);
        assertThat(new TextSearch(half).findLast(half + "x" + smiles, Integer.MAX_VALUE))
                .isEqualTo(0);
    }
}
