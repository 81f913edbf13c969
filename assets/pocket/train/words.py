"""Word lists: names, places, things. Seen in training unless they stand in a HELD_OUT list."""


def _split(text):
    return text.split()


NAMES = _split('''Mira Tom Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Maria Nina Oscar Paul Rosa Sam Tina Victor
Wendy Adam Bella Carl Daisy Eric Fiona George Helen Ivan Julia Karl Lily Max Nora Oliver Peter Ruby Sarah Theo Uma Vera Will Yara Zoe
Alice Bob Carol Dan Ella Frank Gina Hugo Iris John Kim Lucy Mark Nadia Otto Priya Robert Sofia Tim Lena Jonas Mary James Lisa Ali Omar
Fatima Chen Wei Yuki Ken Aisha Diego Luis Carmen Pablo Elena Boris Olga Ines Marco Laura Simon Eva Martin''')
HELD_OUT_NAMES = _split('''Tobias Greta Malik Ingrid Cedric Paloma Ronan Sylvie Bruno Anouk Desmond Tilda Ravi Noemi Casper Winona Edgar
Salma Ulrich Beatrix''')
CITIES = _split('''Oslo Paris Rome London Berlin Madrid Vienna Lisbon Dublin Prague Athens Boston Chicago Denver Tokyo Delhi Cairo Lima
Toronto Sydney Bergen Milan Zurich Geneva Hamburg Munich Warsaw Budapest Seattle Austin Houston Nairobi Lagos Kyoto Seoul Hanoi Porto
Seville Naples Turin Glasgow York Bath Leeds Bonn Graz Basel Krakow''')
HELD_OUT_CITIES = _split('Tallinn Quito Malmo Bristol Lyon Osaka Tampa Ghent Split Adelaide')
JOBS = _split('''baker teacher doctor nurse pilot farmer painter singer writer lawyer driver cook waiter carpenter plumber gardener
engineer architect dentist librarian musician tailor sailor soldier judge actor dancer photographer programmer translator journalist
florist butcher fisherman electrician mechanic optician''')
COLOURS = _split('red blue green yellow orange purple pink black white brown grey gold silver violet turquoise')
FOODS = _split('''pizza pasta soup bread cheese rice salad fish chicken cake chocolate curry sushi potatoes pancakes apples cherries
noodles lentils tomatoes honey mushrooms waffles dumplings olives''')
DRINKS = _split('tea coffee milk water juice lemonade cocoa wine beer cider')
ANIMALS = _split('dog cat horse parrot rabbit hamster goldfish turtle pony goat')
PETS = _split('''Rex Luna Max Bella Milo Coco Rocky Daisy Charlie Lucky Simba Nala Oreo Biscuit Pepper Ginger Shadow Sunny Snowy Misty
Bruno Fluffy Tiger Smokey Toffee Hazel Pickles Waffles Felix Mimi''')
RELATIVES = _split('''sister brother mother father wife husband son daughter friend boss teacher neighbour uncle aunt cousin doctor
grandmother grandfather''')
HOBBIES = _split('''chess tennis football swimming painting reading cooking gardening sailing hiking dancing singing fishing cycling
knitting skiing running climbing photography pottery''')
INSTRUMENTS = _split('violin piano guitar flute drums cello trumpet harp clarinet accordion')
DAYS = _split('Monday Tuesday Wednesday Thursday Friday Saturday Sunday')
MONTHS = _split('January February March April May June July August September October November December')
THINGS = _split('''key passport phone umbrella wallet book letter ticket camera map ring coat hammer bicycle lamp suitcase notebook
laptop charger scarf''')
PLACES = ['drawer', 'kitchen', 'garden', 'car', 'cellar', 'attic', 'box', 'bag', 'office', 'garage', 'cupboard', 'bedroom', 'hall',
          'basket', 'desk', 'shed', 'bathroom', 'library', 'safe', 'fridge']
TIMES = ['on Monday', 'on Tuesday', 'on Wednesday', 'on Thursday', 'on Friday', 'on Saturday', 'on Sunday', 'tomorrow', 'tonight', 'today', 'this evening', 'in the morning',
         'next week', 'this week', 'at noon', 'after work']
ERRANDS = ['water the plants', 'pay the rent', 'clean the kitchen', 'call the bank', 'call the doctor', 'wash the car', 'go to the library', 'go to the market', 'see the doctor',
           'fetch the children', 'send the letter', 'bake a cake', 'pack my bag', 'buy a ticket', 'cut the grass', 'go to work early', 'feed the cat', 'walk the dog']
ACCOUNTS = _split('wifi email bank laptop phone computer library school office work game router server printer account')
EVENTS = _split('meeting party wedding concert exam dinner lesson trip visit interview lecture match')
LOCKS = _split('door safe gate locker garage bicycle alarm suitcase phone house office cellar')
VEHICLES = _split('car bicycle boat van scooter motorbike')
SUBJECTS = _split('history physics music law medicine art biology chemistry French German mathematics geography philosophy economics')
LANGUAGES = _split('French German Italian Spanish Norwegian Swedish Japanese Chinese Russian Greek Turkish Polish Irish Finnish Dutch Danish English')
MUSIC = _split('jazz rock opera folk soul blues pop techno')
NUMBERS = _split('two three four five six seven eight nine ten eleven twelve twenty')
COUNTED = _split('children cats dogs books bicycles brothers sisters friends chairs plants horses houses')
GOODS = _split('ticket coat lamp book table chair phone bicycle ring carpet camera boat hat clock mirror')
FEARS = _split('spiders snakes ghosts heights thunder mice bees wolves storms dragons')
LANDS = _split('Norland Estria Velden Morava Zubrow Lumina Kestria Arvon Tarsis Ombria')
COUNTRIES = _split('''France Germany Italy Spain Norway Sweden Japan China India Brazil Canada Mexico Egypt Kenya Peru Greece Turkey
Poland Ireland Finland''')

_STARTS = 'b br c d dr f g gr h j k kl l m n p pr qu r s sh st t tr v w y z'.split() + ['']
_VOWELS = 'a e i o u a e o ai ea oo y'.split()
_ENDS = 'n r l s m k t d th nd x sh v'.split() + [''] * 6


def invented(random):
    """An invented name of two or three syllables, such as "Drelon" or "Kavira"."""
    syllables = random.choice((2, 2, 2, 3))
    word = ''.join(random.choice(_STARTS) + random.choice(_VOWELS) + (random.choice(_ENDS) if i == syllables - 1 or random.random() < .3 else '')
                   for i in range(syllables))
    return word.capitalize()
