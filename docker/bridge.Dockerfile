# Built from the checkout's root, after `./ponix --version` has built the jar.
FROM eclipse-temurin:17-jre
COPY bridge/target/ponix-bridge.jar /opt/ponix/ponix-bridge.jar
USER 65534
EXPOSE 8090
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-jar", "/opt/ponix/ponix-bridge.jar"]
