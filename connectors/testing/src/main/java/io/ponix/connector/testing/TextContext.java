package io.ponix.connector.testing;

import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.connector.testframe.external.ExternalContext;

/**
 * What an external system is to Flink's test suites where its records are texts and the suite runs
 * on a mini cluster.
 */
@SuppressWarnings("try") // javac warns of close() methods that may be interrupted
public interface TextContext extends ExternalContext, ResultTypeQueryable<String> {

    /**
     * Some dozens of texts, each of which occurs once.
     *
     * @param split that they are for; others have other texts
     * @param seed the same one gives the same texts
     */
    static List<String> texts(int split, long seed) {
        Random random = new Random(seed);
        List<String> texts = new ArrayList<>();
        for (int number = random.nextInt(50) + 50; number > 0; number--) {
            texts.add(split + " " + number + " " + Long.toHexString(random.nextLong()));
        }
        return texts;
    }

    @Override
    default TypeInformation<String> getProducedType() {
        return Types.STRING;
    }

    @Override
    default List<URL> getConnectorJarPaths() {
        // They are on the mini cluster's class path already.
        return List.of();
    }
}
