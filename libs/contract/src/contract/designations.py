"""Designations: the two plain words by which journalists know a source, drawn at random.

The words are our own: everyday things, stuffs, colours and weather. None may judge a person, or hint at one, at where
somebody is, or at what was sent. Designations are drawn by the worker; the database takes the first that is not in use.
"""

from collections.abc import Callable
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES: Final = _words("""
    airy almond amber apricot aqua arched ashen azure balmy bamboo banded basalt beaded berry beveled billowy blooming
    blue blurred boxed braided brassy breezy bright brindled bronze brushed bubbling buttery buttoned candied canvas
    caramel cardboard carved cedar ceramic checkered chestnut chilled chiming chrome cinnamon citrus clay clear cloudy
    cobalt coiled combed copper coral corded corduroy cork cotton cozy crackling creamy crimped crimson crinkled crisp
    crocheted crystal cubic curled curved cyan cylindrical dappled dawn daylight denim dewy dimpled dotted double
    downy draped drifting drizzly dusky dyed earthen easterly echoing edged eggshell elm embossed emerald enamel
    engraved etched evening faceted faded feathered felted fern fibrous filigree filtered flannel flecked fleecy flint
    floating floral flowing fluffy fluted foamy folded forked fragrant framed fresh fringed frosted frothy fruity
    garnet gauzy gilded gingham glass glazed gleaming glimmering glinting glittering glossy glowing golden grained
    granite grassy green grooved hammered hanging hazy heather hemp herbal hexagonal hillside hollow honey humid icy
    indigo inked inlaid iridescent iron jade jagged jasmine juniper knitted knotted laced lacquered lakeside laminated
    lapis larch lattice laurel lavender layered leafy leather level lilac linen liquid looped luminous lunar lustrous
    magenta mahogany marigold maritime maroon matte mauve mellow melodic metallic midday milky minted mirrored misty
    modular morning mossy mottled mulberry muslin mustard navy nectar neon nubby nutty nylon oaken oaten ochre
    octagonal olive onyx opal opaline orange orchid oval painted paneled papery parallel parsley pastel patterned
    paved peach peachy pearly pebbled peppered perforated petaled pewter pillowed pinewood pink piped plaid plaited
    planed plastic plated pleated plum plush pointed polished poplin poppy porcelain powdered printed prismatic puffed
    purple quartz quilted radial rainy raised rattan ribbed ribboned rimmed rippled riveted roasted rocky rose
    rosewood round rounded rubber ruby ruffled russet rustic rustling rusty saffron salted sandstone sandy sapphire
    sashed satin scalloped scarlet scented seaside sepia serrated shaded shadowy shimmering shingled shining silken
    silver skyblue slanted slate sloping smocked smoky smooth snowy soapy soft solar speckled spiced spiral splashing
    spotted spring sprinkled square stacked starlit steamy steel stenciled stitched streaked striped studded suede
    sugared summer sunlit sunny swirling tangerine tapered tartan tasseled tawny teak teal terraced textured thatched
    threaded tidal tiled timber tinsel tinted toasted topaz towering trailing triangular trimmed tufted turning
    turquoise tweed twilight twilled twinkling twisted umber upland vanilla varnished vaulted velvet veneered verdant
    vermilion vertical vibrant vinyl violet walnut watery waved wavy waxed weathered westerly wheaten whirling wicker
    willow windy winter wispy wooden woolen woven zigzag
""")

NOUNS: Final = _words("""
    abacus acorn alcove almanac anchor anvil apron aquarium arbor arcade arch archway armchair atlas atrium attic
    avenue awning backpack balcony ballad balloon banister banner barley barn basil basin bassoon beacon bell bicycle
    binder birch blanket blossom blueprint bobbin bookcase bookmark bouquet bowl bracelet bracket bramble branch bread
    brick bridge brook broom brush bubble bucket buckle buffet buttress cabin cabinet cactus cairn calendar camera
    canal candle canoe canopy canyon cardigan carousel carpet cart cascade castle cauldron cavern cello cereal chalet
    chalk chandelier chart cherry chimney chisel cinema circle clarinet cliff cloak clock cloud coaster coin column
    comet compass cookbook cornet cottage counter courtyard crayon crescent crossing curtain cushion cymbal daffodil
    dahlia dairy daisy deck delta desk diagram dial dinghy dome domino doorbell doorway dragonfly drawer driftwood drum
    dune easel eclipse elevator engine estuary fabric faucet feather fence ferry fiddle fig firefly fireplace fjord
    flagpole flagstone flask flute folder footbridge footpath fork fountain fresco funnel gable galaxy gallery garden
    garland geyser glacier glade globe glove goblet gondola gong granary grape gravel grotto grove guitar gutter haiku
    hallway hammock hamper hangar harbor harmonica harp hat hatchway helmet hillock hinge horizon hourglass iceberg
    igloo inkwell inlet jacket jar jetty jigsaw jug jukebox kayak kettle keyboard kiln kiosk kitchen kite knapsack
    knob lace ladder ladle lagoon lake lamp lamppost larder latch lawn ledge lemon lemonade lighthouse lilypad loft
    loom lute mandolin mango mantel map marina market marsh matchbox meadow melody metronome microscope milestone mill
    mitten moat monsoon mosaic motor mountain mug mural napkin necklace nest nightstand nutmeg oar oasis oboe
    observatory orbit orchard ottoman paddle paintbrush palette panel pantry paperclip parasol parlor pathway pebble
    pedal pedestal pencil pendulum peninsula pergola piano pillar pinecone pitcher platter plaza plume porch portico
    postcard pottery prairie prism pulley pumpkin puzzle pyramid quarry quill quilt railing rainbow raindrop raspberry
    ravine recipe reef ribbon ridge riverbank roof rosebush rowboat saddle sailboat sandal sandbar sandcastle satchel
    saucer sauna sawmill saxophone scarf scooter seashell seesaw shelf shoreline shutter silo skylight sled slipper
    snowflake sofa spade sparkler spool spoon spout spruce stable staircase stool stove stream suitcase summit sundial
    sunflower sunrise swing tambourine tapestry teacup teapot telescope terrace thicket thimble thread threshold tile
    timetable toaster topiary tower trail tram trellis tripod trombone trumpet tulip turret typewriter ukulele valley
    vase veranda vessel viaduct vineyard viola violin volcano wagon wallpaper wardrobe waterfall watermill weathervane
    wharf wheel windmill window windowsill workbench xylophone yacht yarn zeppelin zipper zither
""")


def candidates(random: Callable[[int], int], count: int) -> list[str]:
    """Designations to choose from, as "copper kettle"; there are ADJECTIVES x NOUNS of them, and some may repeat.

    `random(n)` answers 0 to n-1, each equally likely (`secrets.randbelow`).
    """
    return [f"{ADJECTIVES[random(len(ADJECTIVES))]} {NOUNS[random(len(NOUNS))]}" for _ in range(count)]
